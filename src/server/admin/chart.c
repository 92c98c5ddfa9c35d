#include "server/admin/chart.h"

#include "server/pages/html.h"

/* In units of the picture, which is as wide as a telephone is. */
#define WIDTH 340
#define HEIGHT 150
#define TOP 20
#define FLOOR 130
#define GAP 4

static int64_t highest(const struct chart *chart)
{
    int64_t most = 1;

    for (size_t i = 0; i < chart->count; i++)
        most = chart->bars[i].value > most ? chart->bars[i].value : most;
    return most;
}

/* Something is never drawn as nothing. */
static int height_of(int64_t value, int64_t most)
{
    int height;

    if (value <= 0)
        return 0;
    height = (int)((double)value * (FLOOR - TOP) / (double)most);
    return height < 2 ? 2 : height;
}

static bool add_bar(struct buffer *out, const struct chart *chart, size_t index,
    int64_t most, struct failure *why)
{
    const struct chart_bar *bar = &chart->bars[index];
    int slot = WIDTH / (int)chart->count;
    int left = slot * (int)index + GAP / 2;
    int height = height_of(bar->value, most);
    int middle = left + (slot - GAP) / 2;

    return html_print(out, why,
               "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
               "fill=\"currentColor\"></rect>\n",
               left, FLOOR - height, slot - GAP, height) &&
           (bar->value == 0 ||
               html_print(out, why,
                   "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%lld</text>"
                   "\n",
                   middle, FLOOR - height - 4, (long long)bar->value)) &&
           ((chart->count - 1 - index) % chart->each != 0 ||
               html_print(out, why,
                   "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                   middle, FLOOR + 15, bar->label));
}

static bool add_picture(
    struct buffer *out, const struct chart *chart, struct failure *why)
{
    int64_t most = highest(chart);

    if (!html_print(out, why,
            "<svg role=\"img\" aria-labelledby=\"%s\" width=\"%d\" "
            "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
            chart->id, WIDTH, HEIGHT, WIDTH, HEIGHT))
        return false;
    for (size_t i = 0; i < chart->count; i++) {
        if (!add_bar(out, chart, i, most, why))
            return false;
    }
    return html_print(out, why,
        "<path d=\"M0 %dH%d\" stroke=\"currentColor\"></path>\n</svg>\n", FLOOR,
        WIDTH);
}

static bool add_table(
    struct buffer *out, const struct chart *chart, struct failure *why)
{
    if (!html_print(out, why,
            "<details><summary>As a table</summary>\n<table>\n<thead><tr>"
            "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>\n"
            "<tbody>\n",
            chart->label_head, chart->value_head))
        return false;
    for (size_t i = 0; i < chart->count; i++) {
        if (!html_print(out, why,
                "<tr><th scope=\"row\">%s</th><td>%lld</td></tr>\n",
                chart->bars[i].label, (long long)chart->bars[i].value))
            return false;
    }
    return html_raw(out, "</tbody>\n</table>\n</details>\n", why);
}

bool chart_print(
    struct buffer *out, const struct chart *chart, struct failure *why)
{
    return html_print(out, why,
               "<figure>\n<figcaption id=\"%s\">%s</figcaption>\n", chart->id,
               chart->title) &&
           add_picture(out, chart, why) && add_table(out, chart, why) &&
           html_raw(out, "</figure>\n", why);
}
