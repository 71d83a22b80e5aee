// Water: waves bend the sky and the town, depth takes the light, the shore foams.
//
// Where sensors see much of it, it is shaded at half the picture's size, wherever one of four pixels sees some, and
// spread.frag spreads it.

layout(location = 0) out vec4 color;

vec4 water_at(vec3 ray, int material) {
    vec3 place = eye.xyz + ray;
    float far = length(ray);
    vec3 view = -ray / far;
    vec3 deep = bytes_of(texelFetch(palette, ivec2(material, 0), 0).x).rgb;
    deep *= deep;
    vec2 wind = vec2(cloud_bright.w, cloud_dark.w);
    float breeze = length(wind);
    float is_open = float(material == int(shadow_scale.w));
    float lod = log2(far * eye.w * 11.0 / max(abs(view.z), 0.06) + 0.001);
    vec2 drift = wind * forward.w * 0.25;
    vec2 a = textureLod(tiles, vec3((place.xy - drift) / 31.0, WATER_TILE), lod - 0.4).gb - 0.5;
    vec2 b = textureLod(tiles, vec3((place.yx + drift.yx * 0.7) / 11.3, WATER_TILE), lod + 1.0).gb - 0.5;
#ifdef FINE
    vec2 e = textureLod(tiles, vec3((place.xy * vec2(0.8, -0.6).xy + place.yx * 0.6 - drift * 1.3) / 4.1, WATER_TILE), lod + 2.4).gb - 0.5;
#else
    vec2 e = b.yx;
#endif
    float choppy = (0.10 + 0.030 * breeze) * mix(0.55, 1.0, is_open) + 0.10 * weather.x;
    vec2 tilt = (a * 1.0 + b * 0.9 + e * 0.8) * choppy;
    vec3 n = normalize(vec3(tilt, 1.0));
    float facing = saturate(dot(n, view));
    float fresnel = 0.02 + 0.98 * fifth(1.0 - max(facing, 0.04));
    fresnel = min(fresnel, 0.92 - 0.25 * saturate(choppy));

    vec2 on_map = (place.xy - terrain_map.xy) * terrain_map.zw;
    vec2 outside = max(max(-on_map, on_map - 1.0), vec2(0.0));
    vec3 bed = textureLod(ground_map, on_map, 0.0).rgb;
    float depth = max(place.z - textureLod(height_map, on_map, 0.0).x, 0.0) + 60.0 * (outside.x + outside.y);
    float through = depth / max(view.z * 0.75 + 0.25, 0.2);
    vec3 kept = exp2(-through * vec3(1.22, 0.55, 0.43) * mix(1.6, 1.0, is_open));
    float lit = 1.0;
#ifdef SHADOWS
    lit = sunlight_at(place, vec3(0.0, 0.0, 1.0), sun.z, far * eye.w);
#endif
    vec3 light = sun_color.rgb * lit * saturate(sun.z) + ambient_at(vec3(0.0, 0.0, 1.0)) * 0.9;
    vec3 body = deep * light * 1.1 + bed * bed * 0.7 * light * kept;

    vec3 r = reflect(-view, normalize(vec3(tilt * 0.6, 1.0)));
    r.z = max(abs(r.z), 0.015);
    r = normalize(r);
    vec3 mirrored = sky_at(r, 0.25);
    vec4 met = met_in_picture(place + vec3(0.0, 0.0, 0.05), r, 0.35 + 0.004 * far, true);
    mirrored = mix(mirrored, met.rgb, met.a);
    vec3 result = mix(body, mirrored, fresnel);
#ifdef SHADOWS
    vec3 half_way = normalize(view + sun.xyz);
    float tight = mix(700.0, 90.0, saturate(choppy * 2.0));
    float spark = pow(saturate(dot(normalize(vec3(tilt * 1.5, 1.0)), half_way)), tight) * tight * 0.05;
    result += sun_color.rgb * lit * min(spark, 6.0) * (0.15 + fresnel);
#endif
#ifdef LAMPS
    vec3 from;
    result += lamps_at(place.xy, 0.0, from) * 0.03;
#endif
    float foam_noise = cloud_at(place.xy * 0.21 + drift * 0.02, lod - 1.0);
    float foam = smoothstep(0.42, 0.0, depth + (foam_noise - 0.5) * 0.7) * step(0.0, depth) * saturate(0.25 + breeze * 0.08) * is_open;
    float caps = smoothstep(0.80, 0.92, foam_noise + 0.012 * breeze) * saturate((breeze - 6.0) * 0.08) * is_open;
    result = mix(result, light * 0.62, max(foam * 0.7, caps * 0.6));
    return vec4(hazed(result, -view, far), 1.0);
}

#ifndef HALF
void main() {
    ivec2 pixel = shaded_pixel();
    Seen seen = seen_at(pixel);
    color = finished(water_at(direction_at(vec2(pixel) + 0.5) * seen.depth, int(seen.label >> 22u)).rgb, 0.0);
}
#else
void main() {
    ivec2 first = ivec2(gl_FragCoord.xy) * 2, pixel = water_among(first);
    vec3 ray = direction_at(vec2(pixel) + 0.5), middle = direction_at(vec2(first) + 1.0);
    float depth = depth_at(pixel);
    // Where the middle of the four meets the same level; if that lies above the horizon, the pixel is the better place.
    ray = middle.z * ray.z > 0.0 ? middle * (ray.z * depth / middle.z) : ray * depth;
    color = water_at(ray, int(label_at(pixel) >> 22u));
}
#endif
