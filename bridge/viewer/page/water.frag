// Water: waves bend the sky, depth takes the light, the shore foams; as bridge/render/shading/water.frag has it.

in vec3 place;
in vec3 local;
flat in vec3 normal;
flat in vec3 local_normal;
flat in uint label;

out vec4 color;

void main() {
    uint material = label >> 22u;
    vec3 ray = place - eye.xyz;
    float far = length(ray);
    vec3 view = -ray / far;
    vec3 deep = bytes_of(texelFetch(materials, ivec2(material, 0), 0).x).rgb;
    deep *= deep;
    float seconds = right.w;
    float breeze = length(wind.xy);
    float is_open = float(material == uint(tone.w));
    float lod = log2(far * eye.w * 11.0 / max(abs(view.z), 0.06) + 0.001);
    vec2 drift = wind.xy * seconds * 0.25;
    vec2 a = textureLod(tiles, vec3((place.xy - drift) / 31.0, WATER_TILE), lod - 0.4).gb - 0.5;
    vec2 b = textureLod(tiles, vec3((place.yx + drift.yx * 0.7) / 11.3, WATER_TILE), lod + 1.0).gb - 0.5;
#ifdef FINE
    vec2 c = textureLod(tiles, vec3((place.xy * vec2(0.8, -0.6) + place.yx * 0.6 - drift * 1.3) / 4.1, WATER_TILE), lod + 2.4).gb - 0.5;
#else
    vec2 c = b.yx;
#endif
    float choppy = (0.10 + 0.030 * breeze) * mix(0.55, 1.0, is_open) + 0.10 * weather.x;
    vec2 tilt = (a + b * 0.9 + c * 0.8) * choppy;
    float facing = saturate(dot(normalize(vec3(tilt, 1.0)), view));
    float fresnel = min(0.02 + 0.98 * fifth(1.0 - max(facing, 0.04)), 0.92 - 0.25 * saturate(choppy));

    vec2 on_map = (place.xy - terrain_map.xy) * terrain_map.zw;
    vec2 outside = max(max(-on_map, on_map - 1.0), vec2(0.0));
    vec3 bed = textureLod(ground_color, on_map, 0.0).rgb;
    float depth = max(place.z - textureLod(ground_height, on_map, 0.0).x, 0.0) + 60.0 * (outside.x + outside.y);
    float through = depth / max(view.z * 0.75 + 0.25, 0.2);
    vec3 kept = exp2(-through * vec3(1.22, 0.55, 0.43) * mix(1.6, 1.0, is_open));
    float lit = sunlight_at(place, vec3(0.0, 0.0, 1.0));
    vec3 light = sun_color.rgb * lit * saturate(sun.z) + ambient_at(vec3(0.0, 0.0, 1.0)) * 0.9;
    vec3 body = deep * light * 1.1 + bed * bed * 0.7 * light * kept;

    vec3 r = reflect(-view, normalize(vec3(tilt * 0.6, 1.0)));
    r.z = max(abs(r.z), 0.015);
    // What stands on the shore is seen in the water as a shade.
    vec2 shore = (place.xy + normalize(r.xy + 1e-6) * 9.0 - terrain_map.xy) * terrain_map.zw;
    vec2 standing = textureLod(canopy, shore, 0.0).xy * CANOPY_TOP_M;
    float hidden = saturate(max(standing.x, standing.y) * 0.12) * saturate(1.0 - r.z * 2.2);
    vec3 mirrored = mix(soft_sky(normalize(r)), ambient[0].rgb * 0.35, hidden);
    vec3 result = mix(body, mirrored, fresnel);
    vec3 half_way = normalize(view + sun.xyz);
    float tight = mix(700.0, 90.0, saturate(choppy * 2.0));
    float spark = pow(saturate(dot(normalize(vec3(tilt * 1.5, 1.0)), half_way)), tight) * tight * 0.05;
    result += sun_color.rgb * lit * min(spark, 6.0) * (0.15 + fresnel);
    if (glow.z > 0.0) {
        vec3 from;
        result += lamps_at(place.xy, 0.0, from) * (0.03 + 0.10 * fresnel);
    }
    float foam_noise = cloud_at(place.xy * 0.21 + drift * 0.02, lod - 1.0);
    float foam = smoothstep(0.42, 0.0, depth + (foam_noise - 0.5) * 0.7) * step(0.0, depth) * saturate(0.25 + breeze * 0.08) * is_open;
    float caps = smoothstep(0.80, 0.92, foam_noise + 0.012 * breeze) * saturate((breeze - 6.0) * 0.08) * is_open;
    result = mix(result, light * 0.62, max(foam * 0.7, caps * 0.6));
    color = vec4(shown(hazed(result, -view, far)), 1.0);
}
