// Sorts pixels of stills by what they see, as a depth by which later passes pick theirs: surfaces 0.25, those that mirror
// where they are wet 0.3, sky 0.5, water 0.75.
//
// It marks besides the pixels whose four samples see different things, or a bend, and says what kinds these are:
// 1 surfaces, 2 sky, 4 water, added up; 0 where one sample stands for all. The first samples' depths make a picture of
// their own, in which others are looked for.

layout(location = 0) out float edge;
layout(location = 1) out float depth;

void main() {
    ivec2 first = shaded_pixel();
    Seen a = seen_at(first);
    uint ia = a.label;
    int kind = kind_of(ia);
    gl_FragDepth = kind == 1 ? 0.25 : kind == 2 ? 0.5 : 0.75;
    gl_FragDepth = kind == 1 && a.normal.z > 0.702 && ia >= (1u << 22u) ? 0.3 : gl_FragDepth;
    Seen b = seen_at(first + ivec2(1, 0)), c = seen_at(first + ivec2(0, 1)), d = seen_at(first + ivec2(1, 1));
    bool is_one = ia == b.label && ia == c.label && ia == d.label;
    vec3 bend = max(abs(a.normal - d.normal), abs(b.normal - c.normal));
    bool is_flat = max(bend.x, max(bend.y, bend.z)) < 0.15 && abs(a.depth - b.depth - c.depth + d.depth) < 0.004 * a.depth;
    int kinds = kind | kind_of(b.label) | kind_of(c.label) | kind_of(d.label);
    depth = a.depth;
    edge = is_one && (ia == 0u || is_flat) ? 0.0 : float(kinds) / 255.0;
}
