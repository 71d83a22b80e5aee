// town.vert for software rasterisers: lights whole faces and corners, so that pixels have little left to do.

layout(location = 0) in vec3 in_position;
layout(location = 1) in vec4 in_normal;
layout(location = 2) in uint in_label;
layout(location = 3) in vec4 in_x;
layout(location = 4) in vec4 in_y;
layout(location = 5) in vec4 in_z;
layout(location = 6) in uint in_instance;

uniform float layer_bias;

out vec3 place;
out vec2 local;
out vec4 haze;               // colour, and what of the light behind it is kept
out vec3 lamps;
out float open;              // how much of the sky is not hidden by what stands around
#ifdef SMOOTH
out vec3 skylight;
out vec4 sunlight;           // rgb, how much it lies
#else
flat out vec3 skylight;
flat out vec4 sunlight;
#endif
flat out vec3 normal;
flat out vec3 base;
flat out vec3 emission;
flat out float snow;          // how much of it lies under snow
flat out vec4 pattern;       // number, one over metres a tile, kind: 0 other, 1 ground, 2 paved, 3 glass; of its own
flat out vec2 across;        // the pattern's first axis; (0, 0) on what lies flat

void main() {
    vec4 p = vec4(in_position, 1.0);
    place = vec3(dot(in_x, p), dot(in_y, p), dot(in_z, p));
    gl_Position = clip_from_world * vec4(place, 1.0);
    gl_Position.z -= layer_bias * gl_Position.w;
    vec3 squared = in_x.xyz * in_x.xyz + in_y.xyz * in_y.xyz + in_z.xyz * in_z.xyz;
    vec3 n = in_normal.xyz / squared;
    n = normalize(vec3(dot(in_x.xyz, n), dot(in_y.xyz, n), dot(in_z.xyz, n)));
    vec3 size = sqrt(squared), own_n = normalize(in_normal.xyz / size);
    normal = n;
    vec3 spot = in_position * size;

    uint material = in_label >> 22u, id = in_instance == 0u ? in_label & 0x3fffffu : in_instance;
    vec2 on_map = clamp((place.xy - terrain_map.xy) * terrain_map.zw, 0.0, 0.9999);
    float rise = place.z - textureLod(ground_height, on_map, 0.0).x;
    bool is_ground = material == 0u;
    if (is_ground) {
        material = texelFetch(ground_material, ivec2(on_map * vec2(textureSize(ground_material, 0))), 0).x;
    }
    uvec4 packed_material = texelFetch(materials, ivec2(material, 0), 0);
    vec4 paint = bytes_of(packed_material.x), light = bytes_of(packed_material.y), look = bytes_of(packed_material.z);
    int kind = int(packed_material.z & 255u);
    bool is_leaf = kind == FOLIAGE, is_paved = kind == ASPHALT || kind == PAVING || kind == COBBLE;
    base = is_ground ? vec3(1.0) : paint.rgb * paint.rgb;  // the ground's own colour is on a map
    float own = hash1(id * 747796405u);
    base *= is_ground ? vec3(1.0) : mix(vec3(0.93, 0.95, 0.98), vec3(1.06, 1.03, 0.99), own);
    float lying = saturate((n.z - 0.22) * 3.2) * saturate(weather.z * 1.6) * (is_paved ? saturate(0.3 + weather.z * 0.45) : 1.0);
    snow = is_leaf ? 0.6 * lying : lying;
    base *= 1.0 - 0.42 * weather.w * saturate(n.z * 1.4 + 0.35) * float(!is_leaf) * saturate(paint.a * 1.3);

    vec2 flat_n = floor(own_n.xy * 12.0 + 0.5);
    bool lies = abs(own_n.z) > 0.88;
    across = lies ? vec2(0.0) : vec2(-flat_n.y, flat_n.x) / max(length(flat_n), 1.0);
    local = spot.xy;
    pattern = vec4(float(kind), 1.0 / uintBitsToFloat(packed_material.w), 0.0, own);
    pattern.z = is_ground ? 1.0 : is_paved ? 2.0 : kind == GLASS || kind == CURTAIN ? 3.0 : 0.0;

    vec2 around = textureLod(canopy, on_map + n.xy * 2.2 * terrain_map.zw, 0.0).xy * CANOPY_TOP_M - rise;
    open = 1.0 - 0.42 * saturate(around.x * 0.2) - 0.30 * saturate(around.y * 0.083 - 0.083);
    open *= is_leaf ? 0.55 + 0.45 * saturate(0.5 + 0.6 * n.z) : 1.0;
    skylight = ambient_at(n);
    float facing = dot(n, sun.xyz);
    sunlight = vec4(sun_color.rgb * saturate(is_leaf ? facing * 0.7 + 0.3 : facing), saturate(n.z * 28.0 - 26.9));
    lamps = vec3(0.0);
    if (glow.z > 0.0) {
        vec3 from;
        vec3 lux = lamps_at(place.xy, rise, from);
        lamps = lux * saturate(dot(n, from) * 0.9 + 0.1 + 0.15 * (1.0 - length(from)));
    }
    emission = light.rgb * light.rgb * (look.g > 0.5 ? 8.0 * glow.y : 8.0);
    vec3 ray = place - eye.xyz;
    float far = length(ray);
    vec3 away = hazed(vec3(0.0), ray / far, far);
    haze = vec4(away, 1.0 - away.g / max(hazed(vec3(0.0), ray / far, 1e6).g, 1e-6));
    haze.a = max(haze.a, 0.0);
}
