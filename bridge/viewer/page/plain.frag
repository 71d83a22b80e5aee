// town.frag for software rasterisers: a pattern, a shadow, puddles; the rest comes from plain.vert.

in vec3 place;
in vec2 local;
in vec4 haze;
in vec3 lamps;
in float open;
#ifdef SMOOTH
in vec3 skylight;
in vec4 sunlight;
#else
flat in vec3 skylight;
flat in vec4 sunlight;
#endif
flat in vec3 normal;
flat in vec3 base;
flat in vec3 emission;
flat in float snow;
flat in vec4 pattern;
flat in vec2 across;

out vec4 color;

void main() {
    float far = distance(place, eye.xyz);
    vec2 uv = across == vec2(0.0) ? local : vec2(dot(local, across), place.z);
    float lod = log2(far * eye.w * 256.0 * pattern.y) + 0.7;
    vec4 tile = lod < 6.5 ? textureLod(tiles, vec3(uv * pattern.y, pattern.x), floor(lod + 0.5)) : vec4(0.5, 0.5, 0.5, 0.05);
    vec3 paint = base * (tile.r * 2.0);
    if (pattern.z == 1.0) {
        // Beyond the map its rim goes on, mirrored, in wide patches.
        vec2 on_map = (place.xy - terrain_map.xy) * terrain_map.zw;
        vec2 beyond = on_map - clamp(on_map, 0.0, 1.0);
        vec3 ground = textureLod(ground_color, on_map - beyond - clamp(beyond * 0.3, -0.015, 0.015), 0.0).rgb;
        paint *= ground * ground;
        if (beyond != vec2(0.0)) {
            float cloudy = textureLod(tiles, vec3(place.xy * 0.0011, CLOUD_TILE), log2(far * eye.w) - 0.6).x;
            paint *= 0.55 + 0.8 * smoothstep(0.35, 0.65, cloudy);
        }
    }
    paint = mix(mix(paint, paint * 0.35 + 0.03, tile.a), vec3(0.80, 0.83, 0.88), snow);
    vec3 light = skylight * open + lamps;
    if (dot(sunlight.rgb, vec3(1.0)) > 0.06) light += sunlight.rgb * sunlight_at(place, normal);
    vec3 result = paint * light;
    if (pattern.z == 2.0 && weather.w > 0.0 && sunlight.a > 0.0) {
        float pools = textureLod(tiles, vec3(place.xy * 0.05, CLOUD_TILE), 2.0).x;
        float puddle = smoothstep(0.54, 0.64, pools + 0.08 * weather.w - 0.22 * (tile.r - 0.5)) * weather.w * sunlight.a;
        float fresnel = 0.03 + 0.9 * fifth(1.0 - saturate((eye.z - place.z) / far));
        result = mix(result, haze_away.rgb * 0.8, puddle * max(fresnel, 0.12)) + lamps * puddle * fresnel;
    }
    if (pattern.z == 3.0) result += skylight * 0.25;
    if (emission != vec3(0.0)) {
        float room = saturate(0.4 + 0.7 * sin(uv.x * 0.71 + pattern.w * 97.0) * sin(uv.y * 0.83 + pattern.w * 61.0));
        result += emission * (0.55 + 0.6 * room);
    }
    color = vec4(shown(haze.rgb + result * haze.a), 1.0);
}
