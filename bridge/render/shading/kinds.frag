// Sorts pixels by what they see, as a depth by which later passes pick theirs: surfaces 0.25, sky 0.5, water 0.75.
//
// For stills it marks besides the pixels whose four samples see different things, or a bend, and says what kinds these
// are: 1 surfaces, 2 sky, 4 water, added up; 0 where one sample stands for all.

layout(location = 0) out float edge;

void main() {
    ivec2 first = shaded_pixel();
    uint ia = texelFetch(g_label, first, 0).x;
    int kind = kind_of(ia);
    gl_FragDepth = kind == 1 ? 0.25 : kind == 2 ? 0.5 : 0.75;
#ifdef FINE
    vec4 a = texelFetch(g_surface, first, 0), b = texelFetch(g_surface, first + ivec2(1, 0), 0);
    vec4 c = texelFetch(g_surface, first + ivec2(0, 1), 0), d = texelFetch(g_surface, first + ivec2(1, 1), 0);
    uint ib = texelFetch(g_label, first + ivec2(1, 0), 0).x, ic = texelFetch(g_label, first + ivec2(0, 1), 0).x;
    uint id = texelFetch(g_label, first + ivec2(1, 1), 0).x;
    bool is_one = ia == ib && ia == ic && ia == id;
    vec3 bend = max(abs(a.xyz - d.xyz), abs(b.xyz - c.xyz));
    bool is_flat = max(bend.x, max(bend.y, bend.z)) < 0.15 && abs(a.w - b.w - c.w + d.w) < 0.004 * a.w;
    int kinds = kind | kind_of(ib) | kind_of(ic) | kind_of(id);
    edge = is_one && (ia == 0u || is_flat) ? 0.0 : float(kinds) / 255.0;
#else
    edge = 0.0;
#endif
}
