// What a ray meets in the picture itself: marches the depth of the frame, so that water and puddles show the town.
// The number of steps is no constant, so that compilers keep the loops, which end when all neighbours are done.

vec4 met_in_picture(vec3 p, vec3 r, float start_m, bool is_wanted) {
    vec4 from = clip_from_world * vec4(p, 1.0), step_m = clip_from_world * vec4(r, 0.0);
    vec2 last_pixel = picture.xy - 1.0;
    vec3 a = vec3(from.xy * 0.5 + from.w * 0.5, from.w), b = vec3(step_m.xy * 0.5 + step_m.w * 0.5, step_m.w);
    float t = start_m, last = 0.0, low = 0.0, high = -1.0, before = -1.0, after = 1.0;
    int steps = int(ambient[1].a);
    for (int k = 0; k < steps; ++k) {
        if (!is_wanted) break;
        vec3 q = a + b * t;
        vec2 uv = q.xy / q.z;
        float behind = q.z - near_depth_at(clamp(uv * picture.xy, vec2(0.0), last_pixel));
        if (behind > 0.0 && behind < 1.0 + (t - last) * 1.6) {
            low = last;
            high = t;
            after = behind;
            break;
        }
        if (q.z < 0.1 || uv.x < 0.0 || uv.x > 1.0 || uv.y < 0.0 || uv.y > 1.0) break;
        last = t;
        before = min(behind, -1e-3);
        t = t * MARCH_GROWTH + start_m * 0.5;
    }
    // Where the ray would meet what it meets if that were a plane.
    vec3 meeting = a + b * mix(low, high, before / (before - after));
    vec2 uv = high < 0.0 ? vec2(-1.0) : meeting.xy / meeting.z;
#ifdef FINE
    for (int k = 0; k < steps && high >= 0.0; ++k) {
        if (k >= MARCH_REFINE) break;
        float middle = 0.5 * (low + high);
        vec3 q = a + b * middle;
        uv = q.xy / q.z;
        bool is_behind = q.z > near_depth_at(clamp(uv * picture.xy, vec2(0.0), last_pixel));
        high = is_behind ? middle : high;
        low = is_behind ? low : middle;
    }
#endif
    // What is water in the picture has no light yet.
    ivec2 met = clamp(ivec2(uv * picture.xy), ivec2(0), ivec2(picture.xy) - 1);
    bool is_water = kind_of(label_at(met)) == 4;
    vec2 edge = min(uv, 1.0 - uv);
    vec3 light = texelFetch(color_map, met / int(SAMPLES), 0).rgb;
#ifdef TONED
    light = light_shown(light, vec2(met) + 0.5);
#endif
    return vec4(light, high < 0.0 || is_water ? 0.0 : saturate(min(edge.x, edge.y) * 14.0));
}
