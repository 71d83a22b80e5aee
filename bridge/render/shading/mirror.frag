// Wet paving shows what stands behind it: blends in what the mirrored ray meets in the picture.

layout(location = 0) out vec4 color;

void main() {
    ivec2 pixel = shaded_pixel();
    vec4 here = texelFetch(color_map, pixel / 2, 0);
    Seen seen = seen_at(pixel);
    bool is_wet = min(here.a, seen.normal.z - 0.69) >= 0.012;
    vec3 ray = direction_at(vec2(pixel) + 0.5);
    vec3 p = eye.xyz + ray * seen.depth;
    vec3 r = reflect(normalize(ray), vec3(0.0, 0.0, 1.0));
    vec2 ripple = textureLod(tiles, vec3(p.xy / 1.7, WATER_TILE), log2(seen.depth * eye.w * 150.0 + 0.001)).gb - 0.5;
    r = normalize(r + vec3(ripple * 0.05, 0.02));
    vec4 met = met_in_picture(p + vec3(0.0, 0.0, 0.03), r, 0.15, is_wet);
    float weight = is_wet ? saturate(here.a * 1.25) * met.a : 0.0;
    color = vec4(met.rgb, weight);
}
