// Shades what the geometry pass saw: material, pattern, weather, sun, sky, lamps, haze.

layout(location = 0) out vec4 color;

#ifdef FINE
// How open the nearest surroundings are, from the depth of the picture (after McGuire's Alchemy obscurance, 2011).
float corner_light(vec3 p, vec3 n, float depth) {
    ivec2 pixel = shaded_pixel();
    float radius = clamp(1.1 / (depth * eye.w), 3.0, 0.07 * picture.y);
    float hidden = 0.0;
    // Neighbours look around in other directions.
    vec2 turn = ((pixel.x / 2 ^ pixel.y / 2) & 1) > 0 ? vec2(0.764842, 0.644218) : vec2(1.0, 0.0);
    mat2 turned = mat2(turn, -turn.y, turn.x) * (radius / 8.0);
    for (int k = 0; k < 8; ++k) {
        float a = 2.4 * float(k);
        vec2 aside = turned * (vec2(cos(a), sin(a)) * (float(k) + 0.6));
        vec2 at = floor(clamp(vec2(pixel) + aside, vec2(0.0), picture.xy - 1.0) * 0.5) * 2.0;
        vec3 v = eye.xyz + direction_at(at + 0.5) * min(near_depth_at(at), 1e5) - p;
        float squared = dot(v, v);
        hidden += min(max(dot(v, n) - 0.0012 * depth - 0.02, 0.0) / (squared + 0.06), 0.9) * float(squared < 6.0);
    }
    return max(1.0 - 0.20 * hidden, 0.42);
}
#endif

void main() {
    ivec2 pixel = shaded_pixel();
    Seen seen = seen_at(pixel);
    int id = int(seen.label & 0x3fffffu);
    int material = int(seen.label >> 22u);
    vec3 ray = direction_at(vec2(pixel) + 0.5);
    float stretch = inversesqrt(dot(ray, ray));
    vec3 p = eye.xyz + ray * seen.depth;
    float far = seen.depth / stretch;
    vec3 view = ray * -stretch;
    vec3 n = seen.normal;
    float footprint = log2(far * eye.w + 1e-6);

    vec2 on_map = (p.xy - terrain_map.xy) * terrain_map.zw;
    // Beyond the map its rim goes on, mirrored and stretched, in patches so wide that none is seen to come again.
    vec2 beyond = on_map - clamp(on_map, 0.0, 1.0);
    bool is_far_land = beyond != vec2(0.0);
    vec2 noise = textureLod(clouds, p.xy * (is_far_land ? 0.0011 : 0.0125), floor(footprint + (is_far_land ? -0.6 : 2.9))).xy;
    float cloudy = noise.x;
    bool is_ground = material == 0;
    float groundness = float(is_ground);
    on_map -= beyond + clamp(beyond * (0.15 + 0.3 * cloudy), -0.015, 0.015);
    vec2 tall = textureLod(height_map, on_map, 0.0).xy;
    float rise = p.z - tall.x;
    // Things are around a wall where it looks to.
    vec2 ahead = n.xy * 2.2 * terrain_map.zw;
#ifdef FINE
    vec2 wobble = vec2(cloud_at(p.xy * 0.13, footprint + 6.0), cloud_at(p.yx * 0.13 + 0.4, footprint + 6.0)) - 0.5;
    vec2 moved = on_map + wobble * 4.5 * terrain_map.zw;
    vec4 ground = vec4(textureLod(ground_map, moved, 0.0).rgb, textureLod(ground_map, on_map + ahead, 0.0).a);
    vec2 warped = moved * vec2(textureSize(surface_map, 0));
#else
    vec2 warped = on_map * vec2(textureSize(surface_map, 0)) + (cloudy - 0.5) * 1.6;
    vec4 ground = textureLod(ground_map, on_map + ahead, 0.0);
#endif
    int below = int(texelFetch(surface_map, clamp(ivec2(warped), ivec2(0), textureSize(surface_map, 0) - 1), 0).x);
    material = is_ground ? below : material;
    uvec4 packed_material = texelFetch(palette, ivec2(material, 0), 0);
    vec4 paint = bytes_of(packed_material.x), light = bytes_of(packed_material.y), look = bytes_of(packed_material.z);
    int pattern = int(packed_material.z & 255u);
    float tile_m = uintBitsToFloat(packed_material.w);
    vec3 base = is_ground ? ground.rgb * ground.rgb : paint.rgb * paint.rgb;
    float rough = paint.a;
    float metallic = light.a;

    // The pattern's plane: across and up along walls and roofs, x and y on what lies flat, in the thing's own frame.
    vec4 stand = texelFetch(instances, ivec2(id & 2047, id >> 11), 0);
    mat2 turn = mat2(stand.z, -stand.w, stand.w, stand.z);
    vec2 q = turn * (p.xy - stand.xy);
    vec2 flat_n = floor(turn * n.xy * 12.0 + 0.5);
    float length_n = max(length(flat_n), 1.0);
    vec2 across = vec2(-flat_n.y, flat_n.x) / length_n;
    bool lies = abs(n.z) > 0.88;
    vec2 uv = lies ? q : vec2(dot(q, across), p.z / max(length_n / 12.0, 0.25));
    float grazing = max(abs(dot(n, view)), 0.12);
    float lod = footprint + log2(256.0 / tile_m * inversesqrt(grazing));
#ifdef FINE
    float level = lod;
#else
    float level = floor(lod) + saturate(3.0 * fract(lod) - 1.0);  // Where it is whole, one lookup does.
#endif
    vec4 tile = textureLod(tiles, vec3(uv / tile_m, float(pattern)), level);
    base *= tile.r * 2.0;
    base = mix(base, base * 0.35 + 0.03, tile.a);
    vec2 tilt = (tile.gb - 0.5) * (look.b * 255.0 / 32.0) * saturate(1.4 - 0.25 * max(lod, 0.0));
    vec3 along_u = lies ? vec3(1.0, 0.0, 0.0) : vec3(across, 0.0);
    along_u.xy = along_u.xy * turn;
    vec3 bumped = normalize(n + along_u * tilt.x + cross(n, along_u) * tilt.y);

    // No two houses are painted alike, and large surfaces weather unevenly.
    float own = hash1(uint(id) * 747796405u);
    vec3 tint = is_ground ? mix(vec3(1.10, 1.02, 0.85), vec3(0.93, 1.0, 1.0), saturate(cloudy * 2.2 - 0.6))
                          : mix(vec3(0.93, 0.95, 0.98), vec3(1.06, 1.03, 0.99), own);
    base *= tint * (is_far_land ? 0.55 + 0.8 * smoothstep(0.35, 0.65, cloudy) : 0.86 + 0.28 * cloudy);
    float splash = rise > -0.5 ? (1.0 - abs(n.z)) * exp2(-2.3 * max(rise, 0.0)) : 0.0;
    base *= 1.0 - 0.30 * splash;

    bool is_leaf = pattern == FOLIAGE;
    bool is_paved = pattern == ASPHALT || pattern == PAVING || pattern == COBBLE;
    vec2 around = vec2(ground.a * CANOPY_TOP_M, tall.y) * float(!is_far_land) - rise;
    float open = 1.0 - 0.42 * saturate(around.x * 0.2) - 0.30 * saturate(around.y * 0.083 - 0.083);
    open *= is_leaf ? 0.55 + 0.45 * saturate(0.5 + 0.6 * n.z) : 1.0 - 0.22 * splash;
#ifdef FINE
    open *= corner_light(p, n, seen.depth);
#endif

#ifdef SNOWY
    float drift = cloud_at(p.xy * 0.11 + p.z * 0.07, footprint + 5.5);
    float lying = saturate((n.z - 0.22 + (drift - 0.5) * 0.7) * 3.2) * saturate(weather.z * 1.6 + (drift - 0.5) * 1.0);
    lying *= is_paved ? saturate(0.30 + (cloudy - 0.5) * 2.0 + weather.z * 0.45) : 1.0;
    lying = is_leaf ? saturate(lying + 0.35 * weather.z * saturate(n.z + 0.6) * tile.r) : lying;
    base = mix(base, vec3(0.80, 0.83, 0.88) * (0.94 + 0.10 * drift), lying);
    rough = mix(rough, 0.75, lying);
    metallic *= 1.0 - lying;
    bumped = normalize(mix(bumped, n, 0.7 * lying));
#endif
    float mirror = 0.0;
#ifdef WET
    float soak = is_leaf ? 0.0 : weather.w * saturate(n.z * 1.4 + 0.35);
    base *= 1.0 - 0.42 * soak * saturate(rough * 1.3);
    rough = mix(rough, 0.32, 0.75 * soak * saturate(n.z));
    float puddle = is_paved ? smoothstep(0.54, 0.64, noise.y + 0.08 * weather.w - 0.22 * (tile.r - 0.5))
                            : 0.35 * groundness * smoothstep(0.74, 0.82, noise.y);
    puddle *= saturate(n.z * 28.0 - 26.9) * weather.w;
    rough = mix(rough, 0.04, puddle);
    base *= 1.0 - 0.45 * puddle;
#ifdef FINE
    vec2 ring_uv = p.xy * 3.0;
    ivec2 ring = ivec2(floor(ring_uv));
    vec2 in_ring = fract(ring_uv) - 0.5;
    float phase = fract(hash2(ring) + forward.w * 1.7);
    float from_front = length(in_ring) - 0.45 * phase;
    float wave = sin(60.0 * from_front) * exp2(-130.0 * from_front * from_front) * (1.0 - phase);
    vec2 rings = in_ring * wave * 1.2 * saturate(1.2 - far * 0.04) * saturate(weather.x * 3.0);
    bumped = normalize(mix(bumped, vec3(rings, 1.0), 0.93 * puddle));
#else
    bumped = normalize(mix(bumped, vec3(0.0, 0.0, 1.0), 0.93 * puddle));
#endif
    mirror = soak * saturate(n.z * 3.0 - 2.0) * (is_paved ? mix(0.35, 1.0, puddle) : puddle);
#endif

    float facing = dot(bumped, sun.xyz), flat_facing = dot(n, sun.xyz);
    float lit = saturate((flat_facing + (is_leaf ? 0.45 : 0.05)) * 6.0);
#ifdef SHADOWS
    lit *= sunlight_at(p, n, flat_facing, far * eye.w);
#endif
    vec3 sunlight = sun_color.rgb * lit;
    vec3 diffuse = sunlight * saturate(is_leaf ? facing * 0.7 + 0.3 : facing) + ambient_at(bumped) * open;
    float through = is_leaf ? 0.45 * saturate(-dot(view, sun.xyz)) * (1.0 - saturate(facing)) : 0.0;
    diffuse += sunlight * vec3(0.85, 1.0, 0.35) * through;

#ifdef LAMPS
    vec3 from;
    vec3 lux = lamps_at(p.xy, rise, from);
    diffuse += lux * saturate(dot(bumped, from) * 0.9 + 0.1 + 0.15 * (1.0 - length(from)));
#endif

    vec3 shine = mix(vec3(0.04), base, metallic);
    float cosine = dot(bumped, view);
    vec3 r = 2.0 * cosine * bumped - view;
    float fresnel = fifth(1.0 - saturate(cosine));
    vec3 gloss = shine + (max(vec3(1.0 - rough), shine) - shine) * fresnel;
    gloss = pattern == GLASS || pattern == CURTAIN ? max(gloss, vec3(0.10 + 0.7 * fresnel)) : gloss;
    float town = mix(0.25, 1.0, saturate((r.z + 0.05) / (0.27 + 0.3 * (1.0 - open))));
    vec3 mirrored = sky_at(vec3(r.xy, max(r.z, 0.0)), saturate(rough * 2.5)) * town * mix(1.0, open, 0.6);
    float polish = saturate(1.15 - rough);
    vec3 result = base * (1.0 - metallic) * diffuse + mirrored * gloss * (polish * polish);
#ifdef FINE
    float tight = 2.0 / max(rough * rough * rough * rough, 0.0006) - 2.0;
    float spark = pow(saturate(dot(bumped, normalize(view + sun.xyz))), tight) * (tight + 2.0) / 8.0;
    result += sunlight * gloss * min(spark, 30.0) * saturate(facing);
#ifdef LAMPS
    tight = min(tight, 220.0);
    vec3 toward = normalize(view + normalize(from + vec3(0.0, 0.0, 0.001)));
    result += lux * gloss * polish * pow(saturate(dot(bumped, toward)), tight) * (tight + 2.0) / 8.0;
#endif
#endif

    vec3 emission = light.rgb * light.rgb * (look.g > 0.5 ? 8.0 * horizon_sun.a : 8.0);
#ifdef GLOWING
    // Windows are not lit alike: one room is brighter or warmer than the next.
    float room = saturate(0.4 + 0.7 * sin(uv.x * 0.71 + own * 97.0) * sin(uv.y * 0.83 + own * 61.0));
    emission *= look.g > 0.5 ? mix(vec3(0.55, 0.48, 0.38), vec3(1.25, 1.18, 1.10), room) : vec3(1.0);
#ifdef DARK
    if (pattern == CURTAIN) {
        ivec2 pane = ivec2(floor(uv / vec2(1.6, 3.2)));
        float office = hash2(ivec2(pane.x / 5, pane.y) + ivec2(id * 3, id * 11));
        room = hash2(pane + ivec2(id * 13, id * 5));
        float is_lit = step(0.58, 0.5 * room + 0.5 * office) * (1.0 - tile.a) * float(!lies);
        emission += mix(vec3(1.0, 0.72, 0.38), vec3(0.75, 0.88, 1.0), room * step(0.5, office)) * is_lit * (0.35 + 0.5 * room) * smoothstep(0.20, 0.30, fract(uv.y / 3.2));
    }
#endif
#endif
    result += emission;
    mirror *= 0.04 + 0.90 * fresnel;
    color = finished(hazed(result, -view, far), mirror);
}
