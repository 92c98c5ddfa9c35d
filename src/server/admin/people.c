#include <string.h>

#include "authority/people.h"
#include "base/clock.h"
#include "server/admin/call.h"

static const char *way_in(const struct person_row *row)
{
    if (row->certificate_sha256[0] != '\0')
        return "a certificate";
    if (row->local_user >= 0)
        return "a user of the server's machine";
    return row->link_sha256[0] != '\0' ? "a link, not used yet" : "none";
}

static const char *state_of(const struct person_row *row)
{
    if (row->ended_at != 0)
        return "ended";
    return person_has_way_in(row, clock_now()) ? "active" : "without a way in";
}

static bool visit(
    void *context, const struct person_row *row, struct failure *why)
{
    struct buffer *out = context;
    char until[CLOCK_TEXT] = "", added[CLOCK_TEXT];

    if (row->certificate_not_after != 0)
        clock_print(row->certificate_not_after, until);
    clock_print(row->added_at, added);
    return html_print(out, why,
        "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td>"
        "<td>%s</td><td>%s, by %s</td></tr>\n",
        row->name, role_name(role_from_store(row->role)), state_of(row),
        way_in(row), until, added, row->added_by);
}

bool people_show(struct admin_call *call, struct failure *why)
{
    struct buffer *out = &call->out;

    return admin_begin(call, NULL, why) &&
           html_raw(out,
               "<p>People are added and ended on the server's machine: "
               "<code>chancery admin add</code>, <code>chancery admin "
               "revoke</code>. Root and the owner of the data administer "
               "besides.</p>\n<div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"People\"><table>\n<thead><tr>"
               "<th scope=\"col\">Name</th><th scope=\"col\">Role</th>"
               "<th scope=\"col\">State</th><th scope=\"col\">Way in</th>"
               "<th scope=\"col\">Certificate ends</th>"
               "<th scope=\"col\">Added</th></tr></thead>\n<tbody>\n",
               why) &&
           store_list_people(call->exchange->store, visit, out, why) &&
           html_raw(out, "</tbody>\n</table></div>\n", why) &&
           admin_end(call, why);
}
