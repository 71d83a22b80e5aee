// From light to a picture: averages samples, adds glare, rain or snow in the air, tone curve, sRGB.

layout(location = 0) out vec4 picture_rgb;

vec3 exposed(vec3 x) {
    float gray = dot(x, vec3(0.25, 0.60, 0.15));
    float seen = saturate(gray * 18.0 + 0.35);  // eyes lose colour, and turn to blue, in the dark
    return mix(gray * mix(vec3(0.80, 0.98, 1.35), vec3(1.0), seen), x, SATURATION * seen) * EXPOSURE;
}

#ifdef FINE
vec3 toned(vec3 x) { return clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0); }

// Gamma of sRGB by square roots, off by less than a step of 8 bits.
vec3 encoded(vec3 x) {
    vec3 a = sqrt(x), b = sqrt(a), c = sqrt(b);
    return clamp(0.662002687 * a + 0.684122060 * b - 0.323583601 * c - 0.0225411470 * x, 0.0, 1.0);
}
#else
// Tone curve and gamma of sRGB in one, off by no more than a step of 8 bits (fitted to both up to a light of 12).
vec3 shown_tone(vec3 x) {
    vec3 s = sqrt(max(x, vec3(0.0)));
    return clamp(s * (5.942676 * s - 0.103744) / (s * (5.959266 * s - 0.530424) + 1.0), 0.0, 1.0);
}
#endif

vec3 through_air(vec3 light, vec3 air, float veil) { return exposed(mix(light, max(air, light * 1.12), veil)); }

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 air = vec3(0.0);
    float veil = 0.0;
#ifdef AIR
    vec2 at = (gl_FragCoord.xy * SAMPLES * picture.zw * 2.0 - 1.0) * vec2(right.w, down.w);
    float slant = 0.05 + 0.010 * dot(vec2(cloud_bright.w, cloud_dark.w), right.xy);
#endif
#ifdef RAINY
    at.x += at.y * slant;
    vec2 fall = vec2(at.x, at.y * 0.45) / haze_sun.w;
    fall.y -= forward.w * 3.1;
#ifdef FINE
    veil = 0.6 * textureLod(air_map, fall, 0.0).x;
    fall.y += forward.w * 3.1;
    veil += 0.4 * textureLod(air_map, fall * 1.83 + vec2(0.37, 0.21 - forward.w * 2.6), 0.0).x;
#else
    ivec2 tile = textureSize(air_map, 0);
    veil = 0.6 * texelFetch(air_map, ivec2(floor(fall * vec2(tile))) & (tile - 1), 0).x;
#endif
    veil *= 0.34 * saturate(weather.x * 1.4);
    air = ambient[0].rgb * 1.5 + 0.02;
#endif
#ifdef SNOWING
    vec2 sway = vec2(0.05 * sin(at.y * 6.0 + forward.w), -0.45 * forward.w);
    veil = textureLod(air_map, at / haze_sun.w + sway, 0.0).x + 0.7 * textureLod(air_map, at * 1.9 / haze_sun.w + 0.43 + sway * 0.8, 0.0).x;
    veil = saturate(veil * 0.75 * saturate(weather.y * 1.5));
    air = ambient[0].rgb * 1.7 + 0.04;
#endif
    vec3 light = texelFetch(color_map, pixel, 0).rgb;
#ifdef FINE
    vec3 sum = vec3(0.0), glare = textureLod(glare_map, gl_FragCoord.xy * picture.zw * 2.0, 0.0).rgb;
    vec3 glow = texelFetch(glow_map, pixel, 0).rgb;
    int listed = int(texelFetch(edge_index, pixel, 0).x);
    int samples = listed == 0 ? 1 : 4;
    for (int k = 0; k < samples; ++k) {
        int place = (listed - 1) * 4 + k;
        light = listed == 0 ? light : texelFetch(sample_map, ivec2(place & 4095, place >> 12), 0).rgb;
        sum += toned(through_air(mix(light + glow, glare, 0.10) + glare * 0.05, air, veil));
    }
    vec3 shown = encoded(sum / float(samples)) + (hash2(pixel) - 0.5) / 255.0;
#else
    vec3 shown = shown_tone(through_air(light, air, veil));
#endif
    picture_rgb = vec4(shown, 1.0);
}
