#include "authority/shard.h"

unsigned int crl_shard_of(struct bytes serial, int shards)
{
    size_t start = serial.length > 4 ? serial.length - 4 : 0;
    uint32_t number = 0;

    if (shards <= 1)
        return 0;
    for (size_t i = start; i < serial.length; i++)
        number = number << 8 | serial.start[i];
    return number % (uint32_t)shards;
}
