// What every shader of the page knows of a frame: the camera, the light, the weather, and how to look things up.

precision highp float;
precision highp int;
precision highp usampler2D;
precision highp sampler2DArray;
precision highp sampler3D;
precision highp sampler2DShadow;

layout(std140) uniform Frame {
    mat4 clip_from_world;
    mat4 sun_from_world;
    vec4 eye;            // xyz [m], angle of a pixel [rad]
    vec4 right;          // xyz times tangent of half the width, seconds
    vec4 up;             // xyz times tangent of half the height
    vec4 forward;        // xyz
    vec4 picture;        // width, height, 1/width, 1/height
    vec4 sun;            // direction to it, 1 for the moon
    vec4 sun_color;      // rgb, side of the shadow map [texels]
    vec4 real_sun;       // direction, overcast
    vec4 ambient[4];     // diffuse sky light: constant, x, y, z
    vec4 haze_away;      // rgb, extinction per metre
    vec4 haze_sun;       // rgb, height in which fog thins to a third [m]
    vec4 weather;        // rain, snowfall, snow cover, wetness
    vec4 glow;           // night, glow of windows, radiance of the brightest lamp light, texel of the shadow map [m]
    vec4 terrain_map;    // origin x, y, 1/extent x, y
    vec4 lamp_map;       // origin x, y, 1/extent x, y
    vec4 wind;           // x, y [m/s], brightest of the sky, scale of the sky map
    vec4 tone;           // exposure, saturation, levels of lamp light, first water material
};

float saturate(float x) { return clamp(x, 0.0, 1.0); }

float hash1(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return float(x & 0xffffu) / 65535.0;
}

float fifth(float x) { float y = x * x; return y * y * x; }

uniform usampler2D materials;     // packed as in palette.py
uniform sampler2DArray tiles;     // patterns; last the clouds' noise
uniform sampler2D sky_map;        // roots of parts of the brightest light
uniform sampler2D soft_sky_map;
uniform sampler2D ground_color;   // roots
uniform sampler2D ground_height;
uniform usampler2D ground_material;
uniform sampler3D lamp_light;
uniform sampler2D lamp_color;
uniform sampler2DShadow sun_depth;
uniform sampler2D canopy;         // heights of things over the ground nearby and further around, parts of CANOPY_TOP_M

vec4 bytes_of(uint word) { return vec4(word & 255u, (word >> 8) & 255u, (word >> 16) & 255u, word >> 24) / 255.0; }

float cloud_at(vec2 uv, float lod) { return textureLod(tiles, vec3(uv, CLOUD_TILE), lod).x; }

vec2 sky_uv(vec3 d) { return d.xy * (wind.w / (1.0 + max(d.z, -0.07))) + 0.5; }

vec3 sharp_sky(vec3 d) { vec3 c = textureLod(sky_map, sky_uv(d), 0.0).rgb; return c * c * wind.z; }

vec3 soft_sky(vec3 d) { vec3 c = textureLod(soft_sky_map, sky_uv(d), 0.0).rgb; return c * c * wind.z; }

vec3 ambient_at(vec3 n) {
    return max(ambient[0].rgb + ambient[1].rgb * n.x + ambient[2].rgb * n.y + ambient[3].rgb * n.z, vec3(0.0));
}

// Light of lamps at a place so far above the ground, and the direction it comes from.
vec3 lamps_at(vec2 place, float rise, out vec3 from) {
    vec2 uv = (place - lamp_map.xy) * lamp_map.zw;
    float level = (sqrt(max(rise, 0.0) / 24.0) * (tone.z - 1.0) + 0.5) / tone.z;
    vec4 light = textureLod(lamp_light, vec3(uv, level), 0.0);
    from = light.xyz * 2.0 - 1.0;
    vec2 outside = step(abs(uv - 0.5), vec2(0.5));
    return textureLod(lamp_color, uv, 0.0).rgb * (light.a * light.a * glow.z * outside.x * outside.y);
}

#ifdef FRAGMENT
float sunlight_at(vec3 p, vec3 n) {
    vec3 s = (sun_from_world * vec4(p + n * (glow.w * 1.6), 1.0)).xyz * 0.5 + 0.5;
    if (any(greaterThan(abs(s.xy - 0.5), vec2(0.495)))) return 1.0;
    s.z = min(s.z, 1.0);  // The land beyond the map lies outside of what the shadow map holds.
#ifdef FINE
    float step_uv = 0.7 / sun_color.w;
    float lit = texture(sun_depth, s + vec3(step_uv, step_uv, 0.0)) + texture(sun_depth, s + vec3(-step_uv, step_uv, 0.0));
    lit += texture(sun_depth, s + vec3(step_uv, -step_uv, 0.0)) + texture(sun_depth, s - vec3(step_uv, step_uv, 0.0));
    return lit * 0.25;
#else
    return texture(sun_depth, s);
#endif
}
#endif

vec3 hazed(vec3 color, vec3 direction, float far_m) {
    float side = dot(direction.xy, real_sun.xy) * inversesqrt(dot(direction.xy, direction.xy) * dot(real_sun.xy, real_sun.xy) + 1e-9);
    side = saturate(0.5 + 0.5 * side);
    vec3 haze = mix(haze_away.rgb, haze_sun.rgb, side * side * side);
    float k = clamp(direction.z * far_m / haze_sun.w, -40.0, 40.0);
    k = abs(k) < 1e-3 ? 1e-3 : k;
    float thin = min(exp(-max(eye.z, 0.0) / haze_sun.w) * (1.0 - exp(-k)) / k, 1.0);
    return mix(haze, color, exp(-haze_away.w * far_m * thin));
}

#ifdef FRAGMENT
// From light to a picture: tone curve and sRGB.
vec3 shown(vec3 x) {
    float gray = dot(x, vec3(0.25, 0.60, 0.15));
    float seen = saturate(gray * 18.0 + 0.35);  // eyes lose colour, and turn to blue, in the dark
    x = mix(gray * mix(vec3(0.80, 0.98, 1.35), vec3(1.0), seen), x, tone.y * seen) * tone.x;
    x = clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
    vec3 a = sqrt(x), b = sqrt(a), c = sqrt(b);
    x = clamp(0.662002687 * a + 0.684122060 * b - 0.323583601 * c - 0.0225411470 * x, 0.0, 1.0);
#ifdef FINE
    x += (hash1(uint(gl_FragCoord.x) * 1973u + uint(gl_FragCoord.y) * 9277u) - 0.5) / 255.0;
#endif
    return x;
}

vec3 ray_at(vec2 fragment) {
    vec2 ndc = fragment * picture.zw * 2.0 - 1.0;
    return right.xyz * ndc.x + up.xyz * ndc.y + forward.xyz;
}
#endif
