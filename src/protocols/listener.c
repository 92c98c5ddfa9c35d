#include "protocols/listener.h"

const char *listener_name(enum listener listener)
{
    switch (listener) {
    case LISTENER_PUBLIC:
        return "public";
    case LISTENER_PLAIN:
        return "plain";
    case LISTENER_ADMIN:
        return "admin";
    case LISTENER_MTLS:
        return "mtls";
    }
    return "";
}
