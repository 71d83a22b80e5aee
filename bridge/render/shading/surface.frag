// Shades what the geometry pass saw: material, pattern, weather, sun, sky, lamps, haze.

layout(location = 0) out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 seen = texelFetch(g_surface, pixel, 0);
    uint label = texelFetch(g_label, pixel, 0).x;
    int id = int(label & 0x3fffffu);
    int material = int(label >> 22u);
    vec3 ray = direction_at(gl_FragCoord.xy);
    vec3 p = eye.xyz + ray * seen.w;
    float far = length(ray) * seen.w;
    vec3 view = -normalize(ray);
    vec3 n = seen.xyz;

    vec4 wide = textureLod(cloud_map, p.xy * 0.0125, log2(1.0 + far * eye.w * 6.0));
    float cloudy = wide.x;
    bool is_ground = material == 0;
    vec2 on_map = (p.xy - terrain_map.xy) * terrain_map.zw;
    vec2 inner = 0.5 / vec2(textureSize(ground_map, 0));
    vec4 ground = textureLod(ground_map, clamp(on_map, inner, 1.0 - inner), 0.0);
    float rise = p.z - ground.a;
    if (is_ground) {
        vec2 warped = on_map * vec2(textureSize(surface_map, 0)) + (wide.x - 0.5) * 1.6 + (hash2(ivec2(floor(p.xy * 4.0))) - 0.5) * 0.5;
        material = int(texelFetch(surface_map, clamp(ivec2(warped), ivec2(0), textureSize(surface_map, 0) - 1), 0).x);
    }
    vec4 row0 = texelFetch(palette, ivec2(0, material), 0);
    vec4 row1 = texelFetch(palette, ivec2(1, material), 0);
    vec4 row2 = texelFetch(palette, ivec2(2, material), 0);
    int pattern = int(row2.x + 0.5);
    vec3 base = is_ground ? ground.rgb * ground.rgb : row0.rgb;
    float rough = row0.a;
    float metallic = row1.a;

    // The pattern's plane: across and up along walls and roofs, x and y on what lies flat, in the thing's own frame.
    vec4 stand = texelFetch(instances, ivec2(id & 2047, id >> 11), 0);
    float c = cos(stand.w), s = sin(stand.w);
    vec3 q = p - stand.xyz;
    q.xy = vec2(c * q.x + s * q.y, c * q.y - s * q.x);
    vec2 flat_n = vec2(c * n.x + s * n.y, c * n.y - s * n.x);
    float heading = floor(atan(flat_n.y, flat_n.x) * (16.0 / PI) + 0.5) * (PI / 16.0);
    vec2 across = vec2(-sin(heading), cos(heading));
    float steep = max(floor(length(flat_n) * 8.0 + 0.5) / 8.0, 0.25);
    bool lies = abs(n.z) > 0.88;
    vec2 uv = lies ? q.xy : vec2(dot(q.xy, across), q.z / steep);
    float grazing = max(abs(dot(n, view)), 0.12);
    float lod = log2(far * eye.w * 256.0 / row2.z * inversesqrt(grazing) + 0.001);
    float crisp = saturate(1.4 - 0.25 * max(lod, 0.0));
    vec4 tile = textureLod(tiles, vec3(uv / row2.z, row2.x), lod);
    base *= tile.r * 2.0;
    base = mix(base, base * 0.35 + 0.03, tile.a);
    vec2 tilt = (tile.gb - 0.5) * 2.0 * row2.w * crisp;
    vec3 along_u = lies ? vec3(1.0, 0.0, 0.0) : vec3(across, 0.0);
    along_u.xy = vec2(c * along_u.x - s * along_u.y, s * along_u.x + c * along_u.y);
    vec3 along_v = cross(n, along_u);
    vec3 bumped = normalize(n + along_u * tilt.x + along_v * tilt.y);

    // No two houses are painted alike, and large surfaces weather unevenly.
    float own = hash1(uint(id) * 747796405u);
    float is_nature = float(is_ground);
    if (!is_ground) base *= mix(vec3(0.93, 0.95, 0.98), vec3(1.06, 1.03, 0.99), own);
    base *= 0.86 + 0.28 * cloudy;
    if (is_ground) base *= mix(vec3(1.10, 1.02, 0.85), vec3(0.93, 1.0, 1.0), saturate(cloudy * 2.2 - 0.6));
    float splash = (1.0 - abs(n.z)) * exp(-max(rise, 0.0) * 1.6);
    base *= 1.0 - 0.30 * splash * float(rise > -0.5);

    bool is_leaf = pattern == FOLIAGE;
    bool is_paved = pattern == ASPHALT || pattern == PAVING || pattern == COBBLE;
    vec2 near_open = textureLod(canopy, (p.xy + n.xy * 2.2 - canopy_map.xy) * canopy_map.zw, 0.0).xy;
    float open = 1.0 - 0.42 * saturate((near_open.x - p.z) / 5.0) - 0.30 * saturate((near_open.y - p.z - 1.0) / 12.0);
    if (is_leaf) open *= 0.55 + 0.45 * saturate(0.5 + 0.6 * n.z) ;
    float contact = 1.0 - 0.22 * splash;

#ifdef SNOWY
    float drift = textureLod(cloud_map, p.xy * 0.11 + p.z * 0.07, log2(1.0 + far * eye.w * 40.0)).x;
    float lying = saturate((n.z - 0.28 + (drift - 0.5) * 0.9) * 3.2) * saturate(weather.z * 1.35 + (drift - 0.5) * 1.1);
    if (is_paved) lying *= saturate(0.35 + (cloudy - 0.5) * 2.0 + weather.z * 0.45);
    if (is_leaf) lying = saturate(lying + 0.35 * weather.z * saturate(n.z + 0.6) * tile.r);
    base = mix(base, vec3(0.80, 0.83, 0.88) * (0.94 + 0.10 * drift), lying);
    rough = mix(rough, 0.75, lying);
    metallic *= 1.0 - lying;
    bumped = normalize(mix(bumped, n, 0.7 * lying));
#endif
    float mirror = 0.0;
#ifdef WET
    float soak = weather.w * saturate(n.z * 1.4 + 0.35) * float(!is_leaf);
    base *= 1.0 - 0.42 * soak * saturate(rough * 1.3);
    rough = mix(rough, 0.32, 0.75 * soak * saturate(n.z));
    float puddle_noise = textureLod(cloud_map, p.xy * 0.045 + 0.31, log2(1.0 + far * eye.w * 18.0)).x;
    float puddle = is_paved ? smoothstep(0.56, 0.66, puddle_noise + 0.10 * weather.w - 0.22 * (tile.r - 0.5))
                            : 0.6 * smoothstep(0.70, 0.78, puddle_noise) * float(is_ground);
    puddle *= smoothstep(0.96, 0.995, n.z) * weather.w;
    rough = mix(rough, 0.04, puddle);
    bumped = normalize(mix(bumped, vec3(0.0, 0.0, 1.0), 0.93 * puddle));
    base *= 1.0 - 0.45 * puddle;
#ifdef RAINY
    vec2 ring_uv = p.xy * 3.0;
    ivec2 ring = ivec2(floor(ring_uv));
    vec2 in_ring = fract(ring_uv) - 0.5;
    float phase = fract(hash2(ring) + forward.w * 1.7);
    float wave = sin(60.0 * (length(in_ring) - 0.45 * phase)) * exp(-90.0 * pow(length(in_ring) - 0.45 * phase, 2.0)) * (1.0 - phase);
    bumped = normalize(bumped + vec3(in_ring * wave * 1.2 * puddle * saturate(1.2 - far * 0.04), 0.0));
#endif
    mirror = soak * saturate(n.z * 3.0 - 2.0) * mix(0.25, 1.0, puddle);
#endif

    float facing = dot(bumped, sun.xyz);
    float lit = 1.0;
#ifdef SHADOWS
    lit = sunlight_at(p, n, dot(n, sun.xyz));
#endif
    lit *= smoothstep(-0.05, 0.12, dot(n, sun.xyz) + (is_leaf ? 0.4 : 0.0));
    vec3 sunlight = sun_color.rgb * lit;
    vec3 skylight = ambient_at(bumped) * open * contact;
    vec3 diffuse = sunlight * saturate(is_leaf ? facing * 0.7 + 0.3 : facing) + skylight;
    if (is_leaf) diffuse += sunlight * vec3(0.85, 1.0, 0.35) * 0.45 * saturate(-dot(view, sun.xyz)) * (1.0 - saturate(facing));

#ifdef LAMPS
    vec3 in_lamps = vec3((p.xy - lamp_map.xy) * lamp_map.zw, 0.5);
    in_lamps.z = (sqrt(max(rise, 0.0) / 24.0) * (LAMP_LEVELS - 1.0) + 0.5) / LAMP_LEVELS;
    vec3 lux = textureLod(lamp_light, in_lamps, 0.0).rgb;
    vec3 from = textureLod(lamp_from, in_lamps, 0.0).rgb;
    float from_lamp = saturate(dot(bumped, from) + 0.15 * (1.0 - length(from)));
    diffuse += lux * glow_color.a * from_lamp;
#endif

    vec3 shine = mix(vec3(0.04), base, metallic);
    vec3 r = reflect(-view, bumped);
    float fresnel = pow(1.0 - saturate(dot(bumped, view)), 5.0);
    vec3 gloss = shine + (max(vec3(1.0 - rough), shine) - shine) * fresnel;
    float town = mix(0.25, 1.0, smoothstep(-0.05, 0.22 + 0.3 * (1.0 - open), r.z));
    vec3 mirrored = sky_at(normalize(vec3(r.xy, max(r.z, 0.02))), rough * 6.0) * town * mix(1.0, open, 0.6);
    if (pattern == GLASS || pattern == CURTAIN) gloss = max(gloss, vec3(0.10 + 0.7 * fresnel));
    float polish = saturate(1.15 - rough);
    vec3 result = base * (1.0 - metallic) * diffuse + mirrored * gloss * polish * polish;
    vec3 half_way = normalize(view + sun.xyz);
    float tight = 2.0 / max(rough * rough * rough * rough, 0.0006) - 2.0;
    float spark = pow(saturate(dot(bumped, half_way)), tight) * (tight + 2.0) / 8.0;
    result += sunlight * gloss * min(spark, 30.0) * saturate(facing);
#ifdef LAMPS
    vec3 toward = normalize(view + normalize(from + vec3(0.0, 0.0, 0.001)));
    float lamp_spark = pow(saturate(dot(bumped, toward)), min(tight, 220.0)) * (min(tight, 220.0) + 2.0) / 8.0;
    result += lux * glow_color.a * gloss * lamp_spark * polish;
#endif

    vec3 emission = row1.rgb * mix(1.0, horizon_sun.a, row2.y);
#ifdef GLOWING
    // Windows are not lit alike: one room is brighter or warmer than the next.
    if (row2.y > 0.5) {
        float room = hash2(ivec2(floor(uv / vec2(2.1, 2.9))) + ivec2(id * 7, id));
        emission *= mix(vec3(0.55, 0.50, 0.42), vec3(1.25, 1.2, 1.15), room);
    }
    if (pattern == CURTAIN) {
        ivec2 pane = ivec2(floor(uv / vec2(1.6, 3.2)));
        float room = hash2(pane + ivec2(id * 13, id * 5));
        float office = hash2(ivec2(pane.x / 5, pane.y) + ivec2(id * 3, id * 11));
        float is_lit = step(0.58, 0.5 * room + 0.5 * office) * (1.0 - tile.a) * float(!lies);
        emission += mix(vec3(1.0, 0.72, 0.38), vec3(0.75, 0.88, 1.0), room * step(0.5, office)) * is_lit * (0.35 + 0.5 * room) * horizon_sun.a
                    * smoothstep(0.20, 0.30, fract(uv.y / 3.2));
    }
#endif
    result += emission;
    color = vec4(hazed(result, -view, far), mirror);
}
