// What a ray meets in the picture itself: marches the depth of the frame, so that water and puddles show the town.

vec4 met_in_picture(vec3 p, vec3 r, float start_m) {
    float t = start_m, last = 0.0;
    vec4 found = vec4(0.0);
    for (int k = 0; k < MARCH_STEPS; ++k) {
        vec4 q = clip_from_world * vec4(p + r * t, 1.0);
        vec2 uv = q.xy / q.w * 0.5 + 0.5;
        if (q.w < 0.1 || uv.x < 0.0 || uv.x > 1.0 || uv.y < 0.0 || uv.y > 1.0) break;
        float behind = q.w - textureLod(g_surface, uv, 0.0).w;
        if (behind > 0.0 && behind < 1.0 + (t - last) * 1.6) {
            float low = last, high = t;
            for (int j = 0; j < 4; ++j) {
                float middle = 0.5 * (low + high);
                vec4 m = clip_from_world * vec4(p + r * middle, 1.0);
                vec2 at = m.xy / m.w * 0.5 + 0.5;
                if (m.w > textureLod(g_surface, at, 0.0).w) { high = middle; uv = at; } else { low = middle; }
            }
            vec2 edge = min(uv, 1.0 - uv);
            found = vec4(textureLod(color_map, uv, 0.0).rgb, saturate(min(edge.x, edge.y) * 14.0));
            break;
        }
        last = t;
        t = t * MARCH_GROWTH + start_m * 0.5;
    }
    return found;
}
