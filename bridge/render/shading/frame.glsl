// What every shader knows of a frame: the camera, the light, the weather, and how to look things up.

const float PI = 3.14159265;

layout(std140) uniform Frame {
    mat4 clip_from_world;
    mat4 sun_from_world;
    mat4 near_sun_from_world;
    vec4 eye;            // xyz, angle of a pixel
    vec4 right;          // xyz, tangent of half the width
    vec4 down;           // xyz, tangent of half the height
    vec4 forward;        // xyz, seconds
    vec4 picture;        // width, height, 1/width, 1/height
    vec4 sun;            // direction to it, 1 for the moon
    vec4 sun_color;      // rgb, cloud cover
    vec4 real_sun;       // direction, overcast
    vec4 ambient[4];     // diffuse sky light: constant, x, y, z; in a: scale of soft_sky_map, steps of a march,
                         // one over the nearest depth, and what is added to that at the furthest
    vec4 fog;            // rgb, extinction per metre
    vec4 zenith;         // rgb, veil overhead
    vec4 horizon_away;   // rgb, night
    vec4 horizon_sun;    // rgb, glow of things that glow at night
    vec4 glow_color;     // rgb, radiance per lux of lamps
    vec4 cloud_bright;   // rgb, wind x
    vec4 cloud_dark;     // rgb, wind y
    vec4 weather;        // rain, snowfall, snow cover, wetness
    vec4 terrain_map;    // origin x, y, 1/extent x, y
    vec4 lamp_map;       // origin x, y, 1/extent x, y
    vec4 haze_away;      // rgb, height in which fog thins to a third
    vec4 haze_sun;       // rgb, side of a rain picture
    vec4 shadow_scale;   // texel far, texel near [m], near half extent, first water material
};

uniform usampler2D g_seen;        // what samples see, packed by geometry.frag: see seen_at
uniform sampler2D color_map;      // shaded picture
uniform usampler2D palette;       // materials, packed as in palette.py
uniform sampler2D instances;      // place and heading by id
uniform sampler2DArray tiles;     // patterns
uniform sampler2D clouds;         // noise, once and four times over
uniform sampler2D sky_map;
uniform sampler2D soft_sky_map;   // the same, blurred: roots of parts of its brightest light, which is ambient[0].a
uniform sampler2D air_map;        // drops or flakes
uniform sampler2D ground_map;     // colour of the terrain (square root); in a near average of the heights of things around over
                                  // the ground, parts of CANOPY_TOP_M
uniform sampler2D height_map;     // height of the terrain, far average of the heights of things around over it [m]
uniform usampler2D surface_map;   // material of the terrain
uniform sampler3D lamp_light;     // direction to the lamps, illuminance in a
uniform sampler2D lamp_color;     // colour of their light
uniform sampler2D sun_depth;
uniform sampler2D near_sun_depth;
uniform sampler2D glare_map;
uniform usampler2D edge_list;     // samples of pixels with an edge, four a pixel
uniform usampler2D edge_index;    // where in that list a pixel's samples are, from 1; 0 for pixels without an edge
uniform sampler2D sample_map;     // the list's samples, shaded
uniform sampler2D water_map;      // water at half the size, 1 in a where there is any
uniform sampler2D glow_map;       // light of lamps in the air
uniform sampler2D depth_map;      // for stills depths of pixels' first samples, else the depth buffer

float saturate(float x) { return clamp(x, 0.0, 1.0); }

uint mixed(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}

float hash1(uint x) { return float(mixed(x) & 0xffffu) / 65535.0; }

float hash2(ivec2 cell) { return hash1(uint(cell.x) * 374761393u + uint(cell.y) * 668265263u); }

vec4 bytes_of(uint word) { return vec4(word & 255u, (word >> 8) & 255u, (word >> 16) & 255u, word >> 24) / 255.0; }

// Unit vectors as three times 16 bits.
uvec2 packed_normal(vec3 n) {
    ivec3 steps = ivec3(round(n * 32767.0));
    return uvec2((uint(steps.x) & 0xffffu) | uint(steps.y) << 16u, uint(steps.z) & 0xffffu);
}

vec3 unpacked_normal(uvec2 word) {
    return vec3(ivec3(int(word.x << 16u) >> 16, int(word.x) >> 16, int(word.y << 16u) >> 16)) / 32767.0;
}

// What a label says that a pixel sees: 1 a surface, 2 the sky, 4 water.
int kind_of(uint label) { return label == 0u ? 2 : (label >> 22u) >= uint(shadow_scale.w) ? 4 : 1; }

float cloud_at(vec2 uv, float lod) { return textureLod(clouds, uv, lod).x; }

// The sky map shows the sky from below: the horizon is a circle around the zenith.
vec2 sky_uv(vec3 d) { return d.xy * (SKY_SCALE / (1.0 + max(d.z, -0.07))) + 0.5; }

vec3 sky_at(vec3 d, float blur) {
    vec2 uv = sky_uv(d);
    vec3 soft = textureLod(soft_sky_map, uv, 0.0).rgb;
    soft *= soft * ambient[0].a;
#ifdef FINE
    return mix(textureLod(sky_map, uv, 0.0).rgb, soft, blur);
#else
    return soft;
#endif
}

vec3 ambient_at(vec3 n) {
    return max(ambient[0].rgb + ambient[1].rgb * n.x + ambient[2].rgb * n.y + ambient[3].rgb * n.z, vec3(0.0));
}

#ifdef LAMPS
// Illuminance by lamps at a place so far above the ground, and the direction it comes from.
vec3 lamps_at(vec2 place, float rise, out vec3 from) {
    vec2 uv = (place - lamp_map.xy) * lamp_map.zw;
    float level = (sqrt(max(rise, 0.0) / 24.0) * (LAMP_LEVELS - 1.0) + 0.5) / LAMP_LEVELS;
    vec4 light = textureLod(lamp_light, vec3(uv, level), 0.0);
    from = light.xyz;
    return textureLod(lamp_color, uv, 0.0).rgb * (light.a * glow_color.a);
}
#endif

vec3 hazed(vec3 color, vec3 direction, float distance_m) {
    float side = saturate(0.5 + 0.5 * dot(direction.xy, real_sun.xy) * inversesqrt(dot(direction.xy, direction.xy) * dot(real_sun.xy, real_sun.xy) + 1e-9));
    vec3 haze = mix(haze_away.rgb, haze_sun.rgb, side * side * side);
    float k = clamp(direction.z * distance_m / haze_away.w, -40.0, 40.0);
    k = abs(k) < 1e-3 ? 1e-3 : k;
    float thin = min(exp2(-1.4427 * max(eye.z, 0.0) / haze_away.w) * (1.0 - exp2(-1.4427 * k)) / k, 1.0);
    return mix(haze, color, exp2(-1.4427 * fog.w * distance_m * thin));
}

float fifth(float x) { float y = x * x; return y * y * x; }

vec3 direction_at(vec2 fragment) {
    vec2 ndc = fragment * picture.zw * 2.0 - 1.0;
    return right.xyz * (ndc.x * right.w) + down.xyz * (ndc.y * down.w) + forward.xyz;
}

#ifdef FRAGMENT
#ifdef FINE
// Stills have four samples a pixel. Most pixels see one smooth thing and are shaded once, from their first sample
// (stage 2, 0); the samples of those with an edge are shaded one by one from a list (stage 1, 1).
uniform ivec2 stage;

ivec2 shaded_pixel() {
    ivec2 listed = ivec2(texelFetch(edge_list, ivec2(gl_FragCoord.xy), 0).xy);
    return stage.y > 0 ? listed : ivec2(gl_FragCoord.xy) * stage.x;
}
#else
ivec2 shaded_pixel() { return ivec2(gl_FragCoord.xy); }
#endif

// What a sample sees: its normal and its depth along the axis, its id and material; (0, 0, 0), 1e30, 0 for the sky.
struct Seen {
    vec3 normal;
    float depth;
    uint label;
};

float depth_of(uint word) { return 1.0 / max(uintBitsToFloat(word), 1e-30); }

Seen seen_at(ivec2 pixel) {
    uvec4 word = texelFetch(g_seen, pixel, 0);
    return Seen(unpacked_normal(word.xy), depth_of(word.w), word.z);
}

float depth_at(ivec2 pixel) { return depth_of(texelFetch(g_seen, pixel, 0).w); }

// The same from where depths lie closer together in memory, for stills at one sample a pixel; takes places among all
// samples.
#ifdef FINE
float near_depth_at(vec2 place) { return texelFetch(depth_map, ivec2(place * 0.5), 0).r; }
#else
float near_depth_at(vec2 place) { return 1.0 / (ambient[2].a + ambient[3].a * texelFetch(depth_map, ivec2(place), 0).r); }
#endif

uint label_at(ivec2 pixel) { return texelFetch(g_seen, pixel, 0).z; }

// Of four pixels the last one that sees water, or the first.
ivec2 water_among(ivec2 first) {
    ivec2 step = min(ivec2(1), ivec2(picture.xy) - 1 - first), found = first;
    for (int k = 1; k < 4; ++k) {
        ivec2 pixel = first + ivec2(k & 1, k >> 1) * step;
        found = kind_of(label_at(pixel)) == 4 ? pixel : found;
    }
    return found;
}
#endif

#if defined(SHADOWS) && defined(FRAGMENT)
// How much of the sun a shadow map lets through to a depth, between its four texels around a place in texels.
float let_through(sampler2D map, vec2 texel, float depth) {
    texel -= 0.5;
    vec2 part = fract(texel);
#ifdef GL_ARB_texture_gather
    vec4 found = textureGather(map, (floor(texel) + 1.0) / vec2(textureSize(map, 0)));
#else
    ivec2 first = ivec2(floor(texel)), last = textureSize(map, 0) - 1;
    ivec2 low = clamp(first, ivec2(0), last), high = clamp(first + 1, ivec2(0), last);
    vec4 found = vec4(texelFetch(map, ivec2(low.x, high.y), 0).r, texelFetch(map, high, 0).r,
                      texelFetch(map, ivec2(high.x, low.y), 0).r, texelFetch(map, low, 0).r);
#endif
    vec4 lit = step(vec4(depth), found);
    vec2 rows = mix(lit.wx, lit.zy, part.x);
    return mix(rows.x, rows.y, part.y);
}

#ifdef FINE
float lookup_sun(sampler2D map, vec2 texel, float depth, float spread) {
    float lit = 0.0;
    for (int k = 0; k < 5; ++k) {
        float a = 2.4 * float(k) + 0.4;
        lit += let_through(map, texel + vec2(cos(a), sin(a)) * spread * sqrt((float(k) + 0.4) / 5.0), depth);
    }
    return lit / 5.0;
}
#endif

// The far map is there twice, the second time a quarter as large above the first: places that are small in the picture
// are looked up there, near one another in memory.
float sunlight_at(vec3 p, vec3 n, float facing, float pixel_m) {
    float slope = 0.8 + 1.6 * sqrt(saturate(1.0 - facing * facing));
    float side = float(textureSize(sun_depth, 0).x);
#ifdef FINE
    bool is_small = pixel_m > 2.0 * shadow_scale.x;
#else
    bool is_small = pixel_m > shadow_scale.x;
#endif
    float part = is_small ? 0.25 : 1.0;
    vec3 s = (sun_from_world * vec4(p + n * (shadow_scale.x / part * slope), 1.0)).xyz * 0.5 + 0.5;
    s.z = min(s.z, 1.0);  // The land beyond the map lies outside of what the shadow map holds.
    vec2 texel = clamp(s.xy * side * part, vec2(1.0), vec2(side * part - 1.0)) + vec2(0.0, is_small ? side : 0.0);
#ifdef FINE
    vec3 c = (near_sun_from_world * vec4(p + n * (shadow_scale.y * slope), 1.0)).xyz;
    float edge = max(max(abs(c.x), abs(c.y)), abs(c.z));
    c = c * 0.5 + 0.5;
    float near_side = float(textureSize(near_sun_depth, 0).x);
    float fine = lookup_sun(near_sun_depth, c.xy * near_side, c.z, 1.1 / shadow_scale.z * SHADOW_BLUR_M * near_side);
    float lit = mix(fine, let_through(sun_depth, texel, s.z), smoothstep(0.85, 0.98, edge));
#else
    float lit = let_through(sun_depth, texel, s.z);
#ifdef MOVERS
    vec3 c = (near_sun_from_world * vec4(p + n * (shadow_scale.y * slope), 1.0)).xyz;
    bool is_near = max(max(abs(c.x), abs(c.y)), abs(c.z)) < 0.98;
    c = c * 0.5 + 0.5;
    lit = min(lit, is_near ? let_through(near_sun_depth, c.xy * float(textureSize(near_sun_depth, 0).x), c.z) : 1.0);
#endif
#endif
    return lit;
}
#endif
