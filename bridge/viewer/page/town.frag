// A surface of the town: material, pattern, weather, sun, sky, lamps, haze; as bridge/render/shading/surface.frag has it.

in vec3 place;
in vec3 local;
#ifdef SMOOTH
in vec3 normal;
in vec3 local_normal;
#else
flat in vec3 normal;
flat in vec3 local_normal;
#endif
flat in uint label;

out vec4 color;

void main() {
    float turned = gl_FrontFacing ? 1.0 : -1.0;
    vec3 n = normalize(normal) * turned, own_n = normalize(local_normal) * turned;
    vec3 p = place;
    vec3 ray = p - eye.xyz;
    float far = length(ray);
    vec3 view = -ray / far;
    float footprint = log2(far * eye.w + 1e-6);
    uint id = label & 0x3fffffu;
    uint material = label >> 22u;

    vec2 on_map = (p.xy - terrain_map.xy) * terrain_map.zw;
    vec2 beyond = on_map - clamp(on_map, 0.0, 1.0);
    bool is_far_land = beyond != vec2(0.0);
    float cloudy = cloud_at(p.xy * (is_far_land ? 0.0011 : 0.0125), footprint + (is_far_land ? -0.6 : 2.9));
    bool is_ground = material == 0u;
    on_map -= beyond + clamp(beyond * (0.15 + 0.3 * cloudy), -0.015, 0.015);
    float rise = p.z - textureLod(ground_height, on_map, 0.0).x;
    vec3 base;
    if (is_ground) {
        vec2 size = vec2(textureSize(ground_material, 0));
        vec2 moved = on_map + (cloudy - 0.5) * 1.6 / size;
        vec3 ground = textureLod(ground_color, moved, 0.0).rgb;
        base = ground * ground;
        material = texelFetch(ground_material, ivec2(clamp(moved, 0.0, 0.9999) * size), 0).x;
    }
    uvec4 packed_material = texelFetch(materials, ivec2(material, 0), 0);
    vec4 paint = bytes_of(packed_material.x), light = bytes_of(packed_material.y), look = bytes_of(packed_material.z);
    int pattern = int(packed_material.z & 255u);
    float tile_m = uintBitsToFloat(packed_material.w);
    if (!is_ground) base = paint.rgb * paint.rgb;
    float rough = paint.a, metallic = light.a;

    // The pattern's plane: across and up along walls and roofs, x and y on what lies flat, in the thing's own frame.
    vec2 flat_n = floor(own_n.xy * 12.0 + 0.5);
    float length_n = max(length(flat_n), 1.0);
    vec2 across = vec2(-flat_n.y, flat_n.x) / length_n;
    bool lies = abs(own_n.z) > 0.88;
    vec2 uv = lies ? local.xy : vec2(dot(local.xy, across), local.z / max(length_n / 12.0, 0.25));
    float grazing = max(abs(dot(n, view)), 0.12);
    float lod = footprint + log2(256.0 / tile_m * inversesqrt(grazing));
    vec4 tile = textureLod(tiles, vec3(uv / tile_m, float(pattern)), lod);
    base *= tile.r * 2.0;
    base = mix(base, base * 0.35 + 0.03, tile.a);
    vec2 tilt = (tile.gb - 0.5) * (look.b * 255.0 / 32.0) * saturate(1.4 - 0.25 * max(lod, 0.0));
    vec3 along_u = lies ? vec3(1.0, 0.0, 0.0) : vec3(-n.y, n.x, 0.0) * inversesqrt(dot(n.xy, n.xy) + 1e-6);
    vec3 bumped = normalize(n + along_u * tilt.x + cross(n, along_u) * tilt.y);

    // No two houses are painted alike, and large surfaces weather unevenly.
    float own = hash1(id * 747796405u);
    vec3 tint = is_ground ? mix(vec3(1.10, 1.02, 0.85), vec3(0.93, 1.0, 1.0), saturate(cloudy * 2.2 - 0.6))
                          : mix(vec3(0.93, 0.95, 0.98), vec3(1.06, 1.03, 0.99), own);
    base *= tint * (is_far_land ? 0.55 + 0.8 * smoothstep(0.35, 0.65, cloudy) : 0.86 + 0.28 * cloudy);
    float splash = rise > -0.5 ? (1.0 - abs(n.z)) * exp2(-2.3 * max(rise, 0.0)) : 0.0;
    base *= 1.0 - 0.30 * splash;

    bool is_leaf = pattern == FOLIAGE;
    bool is_paved = pattern == ASPHALT || pattern == PAVING || pattern == COBBLE;
    vec2 around = textureLod(canopy, on_map + n.xy * 2.2 * terrain_map.zw, 0.0).xy * CANOPY_TOP_M - rise;
    float open = 1.0 - 0.42 * saturate(around.x * 0.2) - 0.30 * saturate(around.y * 0.083 - 0.083);
    open *= is_leaf ? 0.55 + 0.45 * saturate(0.5 + 0.6 * n.z) : 1.0 - 0.22 * splash;

    if (weather.z > 0.0) {
        float drift = cloud_at(p.xy * 0.11 + p.z * 0.07, footprint + 5.5);
        float lying = saturate((n.z - 0.22 + (drift - 0.5) * 0.7) * 3.2) * saturate(weather.z * 1.6 + drift - 0.5);
        lying *= is_paved ? saturate(0.30 + (cloudy - 0.5) * 2.0 + weather.z * 0.45) : 1.0;
        lying = is_leaf ? saturate(lying + 0.35 * weather.z * saturate(n.z + 0.6) * tile.r) : lying;
        base = mix(base, vec3(0.80, 0.83, 0.88) * (0.94 + 0.10 * drift), lying);
        rough = mix(rough, 0.75, lying);
        metallic *= 1.0 - lying;
        bumped = normalize(mix(bumped, n, 0.7 * lying));
    }
    float wet = 0.0;
    if (weather.w > 0.0) {
        float soak = is_leaf ? 0.0 : weather.w * saturate(n.z * 1.4 + 0.35);
        base *= 1.0 - 0.42 * soak * saturate(rough * 1.3);
        rough = mix(rough, 0.32, 0.75 * soak * saturate(n.z));
        float pools = cloud_at(p.xy * 0.05, footprint + 4.9);
        float puddle = is_paved ? smoothstep(0.54, 0.64, pools + 0.08 * weather.w - 0.22 * (tile.r - 0.5))
                                : 0.35 * float(is_ground) * smoothstep(0.74, 0.82, pools);
        puddle *= saturate(n.z * 28.0 - 26.9) * weather.w;
        rough = mix(rough, 0.04, puddle);
        base *= 1.0 - 0.45 * puddle;
        bumped = normalize(mix(bumped, vec3(0.0, 0.0, 1.0), 0.93 * puddle));
        wet = soak * saturate(n.z * 3.0 - 2.0) * (is_paved ? mix(0.35, 1.0, puddle) : puddle);
    }

    float facing = dot(bumped, sun.xyz), flat_facing = dot(n, sun.xyz);
    float lit = saturate((flat_facing + (is_leaf ? 0.45 : 0.05)) * 6.0);
    if (lit > 0.0) lit *= sunlight_at(p, n);
    vec3 sunlight = sun_color.rgb * lit;
    vec3 diffuse = sunlight * saturate(is_leaf ? facing * 0.7 + 0.3 : facing) + ambient_at(bumped) * open;
    if (is_leaf) {
        float through = 0.45 * saturate(-dot(view, sun.xyz)) * (1.0 - saturate(facing));
        diffuse += sunlight * vec3(0.85, 1.0, 0.35) * through;
    }
    vec3 from = vec3(0.0), lux = vec3(0.0);
    if (glow.z > 0.0) {
        lux = lamps_at(p.xy, rise, from);
        diffuse += lux * saturate(dot(bumped, from) * 0.9 + 0.1 + 0.15 * (1.0 - length(from)));
    }

    vec3 shine = mix(vec3(0.04), base, metallic);
    float cosine = dot(bumped, view);
    vec3 r = 2.0 * cosine * bumped - view;
    float fresnel = fifth(1.0 - saturate(cosine));
    vec3 gloss = shine + (max(vec3(1.0 - rough), shine) - shine) * fresnel;
    gloss = pattern == GLASS || pattern == CURTAIN ? max(gloss, vec3(0.10 + 0.7 * fresnel)) : gloss;
    float town = mix(0.25, 1.0, saturate((r.z + 0.05) / (0.27 + 0.3 * (1.0 - open))));
    vec3 mirrored = soft_sky(vec3(r.xy, max(r.z, 0.0))) * town * mix(1.0, open, 0.6);
    float polish = saturate(1.15 - rough);
    vec3 result = base * (1.0 - metallic) * diffuse + mirrored * gloss * (polish * polish);
    result += lux * wet * saturate(0.08 + fresnel) * 0.5;
#ifdef FINE
    float tight = 2.0 / max(rough * rough * rough * rough, 0.0006) - 2.0;
    float spark = pow(saturate(dot(bumped, normalize(view + sun.xyz))), tight) * (tight + 2.0) / 8.0;
    result += sunlight * gloss * min(spark, 30.0) * saturate(facing);
#endif

    vec3 emission = light.rgb * light.rgb * (look.g > 0.5 ? 8.0 * glow.y : 8.0);
    if (look.g > 0.5) {
        // Windows are not lit alike: one room is brighter or warmer than the next.
        float room = saturate(0.4 + 0.7 * sin(uv.x * 0.71 + own * 97.0) * sin(uv.y * 0.83 + own * 61.0));
        emission *= mix(vec3(0.55, 0.48, 0.38), vec3(1.25, 1.18, 1.10), room);
    }
    color = vec4(shown(hazed(result + emission, -view, far)), 1.0);
}
