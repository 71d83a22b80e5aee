// Wet paving shows what stands behind it: blends in what the mirrored ray meets in the picture.

layout(location = 0) out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 here = texelFetch(color_map, pixel, 0);
    if (here.a < 0.012) discard;
    vec4 seen = texelFetch(g_surface, pixel, 0);
    vec3 ray = direction_at(gl_FragCoord.xy);
    vec3 p = eye.xyz + ray * seen.w;
    vec3 r = reflect(normalize(ray), vec3(0.0, 0.0, 1.0));
    float jitter = float((pixel.x & 1) + 2 * (pixel.y & 1));
    vec2 ripple = textureLod(tiles, vec3(p.xy / 1.7, WATER_TILE), log2(seen.w * eye.w * 150.0 + 0.001)).gb - 0.5;
    r = normalize(r + vec3(ripple * 0.05, 0.015 * jitter));
    vec4 met = met_in_picture(p + vec3(0.0, 0.0, 0.03), r, 0.12 * (1.0 + 0.25 * jitter));
    float weight = saturate(here.a * 1.25) * met.a;
    color = vec4(met.rgb, weight);
}
