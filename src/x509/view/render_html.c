#include "x509/view/render.h"

#include <string.h>

#include "base/text.h"

/* Of one page; a browser applies it as it stands, without anything fetched. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b2430;"
    "--soft:#5d6b7c;--line:#dde3ea;--good:#17743b;--bad:#b3261e;"
    "--accent:#22577a;--tint:#eef3f7}"
    "@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1a2029;"
    "--ink:#e4e9ef;--soft:#98a6b6;--line:#2d3641;--good:#6fd08c;--bad:#ff8a80;"
    "--accent:#8cc4e8;--tint:#212a35}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}"
    "h1{font-size:1.05rem;font-weight:600;color:var(--soft);margin:0 0 1rem;"
    "overflow-wrap:anywhere}"
    "article{background:var(--card);border:1px solid var(--line);"
    "border-radius:.75rem;margin:0 0 1.5rem;overflow:hidden}"
    "article>h2{margin:0;padding:1rem 1.25rem;font-size:1.35rem;"
    "border-bottom:1px solid var(--line);border-top:4px solid var(--accent)}"
    "section,article>details{padding:.75rem 1.25rem;"
    "border-bottom:1px solid var(--line)}"
    "article>:last-child{border-bottom:0}"
    "h3{font-size:1rem;margin:.25rem 0 .5rem;color:var(--accent)}"
    "summary{cursor:pointer;font-weight:600;color:var(--accent);"
    "padding:.25rem 0}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;"
    "gap:.1rem 1rem;margin:0}"
    "dt{color:var(--soft);padding:.2rem 0;overflow-wrap:anywhere}"
    "dd{margin:0;padding:.2rem 0;overflow-wrap:anywhere;min-width:0}"
    "dl.in{border-left:3px solid var(--tint);padding-left:.75rem;"
    "margin:.2rem 0}"
    ".whole{grid-column:1/-1}"
    ".box{border:1px solid var(--line);border-radius:.5rem;"
    "padding:.4rem .75rem;margin:.35rem 0;background:var(--card)}"
    ".box>b{display:block}"
    "ul{margin:0;padding-left:1.1rem}li{padding:.1rem 0}"
    "i{font-style:normal;color:var(--soft)}"
    ".good{color:var(--good);font-weight:600}"
    ".bad{color:var(--bad);font-weight:600}"
    ".faint{font:.82rem/1.5 ui-monospace,Menlo,Consolas,monospace;"
    "color:var(--soft)}"
    "pre{margin:0;overflow:auto;max-height:40rem;background:var(--tint);"
    "border-radius:.5rem;padding:.75rem;"
    "font:.8rem/1.45 ui-monospace,Menlo,Consolas,monospace}"
    "pre.line{white-space:pre-wrap;overflow-wrap:anywhere}"
    "p{margin:.25rem 0 .5rem}"
    "@media(max-width:34rem){dl{grid-template-columns:1fr;gap:0}"
    "dt{padding-bottom:0;font-size:.85rem}dd{padding-top:0}"
    "section,article>details{padding:.6rem .9rem}"
    "article>h2{padding:.8rem .9rem}main{padding:1rem .6rem 3rem}}";

struct page {
    const struct view_document *document;
    struct buffer *out;
    struct failure *why;
    bool ok;
};

static void put(struct page *page, const char *markup)
{
    page->ok = page->ok && buffer_append_text(page->out, markup, page->why);
}

/* Everything that is no markup of ours goes through here. */
static void put_escaped(struct page *page, const char *text)
{
    while (*text != 0 && page->ok) {
        size_t plain = strcspn(text, "&<>\"'");

        page->ok = buffer_append(
            page->out, (struct bytes){(const uint8_t *)text, plain}, page->why);
        text += plain;
        if (*text != 0)
            put(page, text_entity((uint8_t)*text++));
    }
}

static bool is_leaf(const struct view_node *node)
{
    return node->kind != VIEW_GROUP && node->kind != VIEW_LIST;
}

static void put_value(struct page *page, const struct view_node *node)
{
    static const char *const classes[] = {[VIEW_PLAIN] = "<span>",
        [VIEW_GOOD] = "<span class=\"good\">",
        [VIEW_BAD] = "<span class=\"bad\">",
        [VIEW_FAINT] = "<span class=\"faint\">"};

    put(page, classes[node->tone]);
    if (node->kind == VIEW_NUMBER)
        page->ok = page->ok && buffer_print(page->out, page->why, "%lld",
                                   (long long)node->number);
    else if (node->kind == VIEW_YES_NO)
        put(page, node->number != 0 ? "yes" : "no");
    else
        put_escaped(page, view_text_at(page->document, node->value));
    put(page, "</span>");
    if (node->note == 0)
        return;
    put(page, " <i>");
    put_escaped(page, view_text_at(page->document, node->note));
    put(page, "</i>");
}

static void put_group(
    struct page *page, const struct view_node *group, const char *opening);
static void put_list(struct page *page, const struct view_node *list);

static void put_item(struct page *page, const struct view_node *node)
{
    if (is_leaf(node)) {
        put(page, "<div>");
        if (node->label != 0) {
            put(page, "<i>");
            put_escaped(page, view_text_at(page->document, node->label));
            put(page, "</i> ");
        }
        put_value(page, node);
        put(page, "</div>");
        return;
    }
    put(page, "<div class=\"box\">");
    if (node->label != 0) {
        put(page, "<b>");
        put_escaped(page, view_text_at(page->document, node->label));
        put(page, "</b>");
    }
    if (node->note != 0) {
        put(page, "<i>");
        put_escaped(page, view_text_at(page->document, node->note));
        put(page, "</i>");
    }
    if (node->kind == VIEW_GROUP)
        put_group(page, node, "<dl>");
    else
        put_list(page, node);
    put(page, "</div>");
}

static void put_list(struct page *page, const struct view_node *list)
{
    if (list->first == 0)
        put(page, "<i>none</i>");
    for (size_t i = list->first; i != 0 && page->ok;) {
        const struct view_node *node = view_node_at(page->document, i);

        put_item(page, node);
        i = node->next;
    }
}

static bool is_wide(
    const struct view_document *document, const struct view_node *node)
{
    if (node->kind == VIEW_GROUP)
        return true;
    return node->kind == VIEW_LIST && node->first != 0 &&
           !is_leaf(view_node_at(document, node->first));
}

static void put_member(struct page *page, const struct view_node *node)
{
    bool wide = is_wide(page->document, node);

    put(page, wide ? "<dt class=\"whole\">" : "<dt>");
    put_escaped(page, view_text_at(page->document, node->label));
    if (node->note != 0 && !is_leaf(node)) {
        put(page, " <i>");
        put_escaped(page, view_text_at(page->document, node->note));
        put(page, "</i>");
    }
    put(page, wide ? "</dt><dd class=\"whole\">" : "</dt><dd>");
    if (is_leaf(node))
        put_value(page, node);
    else if (node->kind == VIEW_LIST)
        put_list(page, node);
    else
        put_group(page, node, "<dl class=\"in\">");
    put(page, "</dd>");
}

static void put_group(
    struct page *page, const struct view_node *group, const char *opening)
{
    put(page, opening);
    for (size_t i = group->first; i != 0 && page->ok;) {
        const struct view_node *node = view_node_at(page->document, i);

        put_member(page, node);
        i = node->next;
    }
    put(page, "</dl>");
}

static void put_raw(
    struct page *page, const struct view_node *holder, int depth)
{
    for (size_t i = holder->first; i != 0 && page->ok;) {
        const struct view_node *node = view_node_at(page->document, i);

        page->ok = buffer_print(page->out, page->why, "%6zu %6zu  %*s",
            node->offset, node->length, 2 * depth, "");
        put_escaped(page, view_text_at(page->document, node->label));
        put(page, "  ");
        put_value(page, node);
        put(page, "\n");
        put_raw(page, node, depth + 1);
        i = node->next;
    }
}

static const struct view_node *part_of(const struct page *page, size_t part)
{
    return view_node_at(page->document, part);
}

static void put_parts(struct page *page)
{
    const struct view_document *document = page->document;

    put(page, "<section><h3>General</h3>");
    put_group(page, part_of(page, document->general), "<dl>");
    put(page, "</section>");
    if (part_of(page, document->path)->first != 0) {
        put(page, "<section><h3>Path</h3>");
        put_group(page, part_of(page, document->path), "<dl>");
        put(page, "</section>");
    }
    if (part_of(page, document->details)->first != 0) {
        put(page, "<details open><summary>Details</summary>");
        put_group(page, part_of(page, document->details), "<dl>");
        put(page, "</details>");
    }
    if (part_of(page, document->raw)->first != 0) {
        put(page, "<details><summary>Raw</summary><pre>"
                  "offset length  element\n");
        put_raw(page, part_of(page, document->raw), 0);
        put(page, "</pre></details>");
    }
}

bool view_html_document(const struct view_document *document,
    struct buffer *out, struct failure *why)
{
    struct page page = {
        .document = document, .out = out, .why = why, .ok = true};

    put(&page, "<article><h2>");
    put_escaped(&page,
        view_text_at(document, view_node_at(document, VIEW_ROOT)->label));
    put(&page, "</h2>");
    put_parts(&page);
    if (document->command != 0) {
        put(&page, "<section><h3>To trust it</h3><p>When its fingerprint was "
                   "compared with one from its owner:</p><pre class=\"line\">");
        put_escaped(&page, view_text_at(document, document->command));
        put(&page, "</pre></section>");
    }
    if (document->is_cut)
        put(&page, "<section><i>There is more than is shown here.</i>"
                   "</section>");
    put(&page, "</article>\n");
    return page.ok;
}

bool view_html_begin(struct buffer *out, const char *title, struct failure *why)
{
    struct page page = {.out = out, .why = why, .ok = true};

    put(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
               "<meta charset=\"utf-8\">"
               "<meta http-equiv=\"Content-Security-Policy\" "
               "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
               "<meta name=\"viewport\" "
               "content=\"width=device-width,initial-scale=1\"><title>");
    put_escaped(&page, title);
    put(&page, "</title><style>");
    put(&page, style);
    put(&page, "</style></head><body><main><h1>");
    put_escaped(&page, title);
    put(&page, "</h1>\n");
    return page.ok;
}

bool view_html_end(struct buffer *out, struct failure *why)
{
    return buffer_append_text(out, "</main></body></html>\n", why);
}
