// From light to what a picture shows: rain or snow in the air, exposure, tone curve, sRGB.

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

// How bright rain or snow before a pixel is, and in a how much of the light behind it hides.
vec4 air_at(vec2 fragment) {
    vec3 air = vec3(0.0);
    float veil = 0.0;
#ifdef AIR
    vec2 at = (fragment * SAMPLES * picture.zw * 2.0 - 1.0) * vec2(right.w, down.w);
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
    return vec4(air, veil);
}

#ifndef FINE
// What the picture shows of a light.
vec3 shown_light(vec3 light) {
    vec4 air = air_at(gl_FragCoord.xy);
    return shown_tone(through_air(light, air.rgb, air.a));
}

#ifdef TONED
// The light that the picture shows by day as a colour at a place: shown_light undone.
vec3 light_shown(vec3 color, vec2 fragment) {
    vec3 y = min(color, vec3(0.99));
    vec3 a = 5.942676 - 5.959266 * y, b = 0.530424 * y - 0.103744;
    vec3 s = (sqrt(b * b + 4.0 * a * y) - b) / (2.0 * a);
    vec3 x = s * s / EXPOSURE;
    float gray = dot(x, vec3(0.25, 0.60, 0.15));
    vec3 light = max(gray + (x - gray) / SATURATION, vec3(0.0));
    vec4 air = air_at(fragment);
    return clamp((light - air.a * air.rgb) / (1.0 - air.a), vec3(0.0), light / (1.0 + 0.12 * air.a));
}

#endif
#endif

// What a pass writes of a light: where nothing is added to it any more, what the picture shows.
vec4 finished(vec3 light, float rest) {
#ifdef TONED
    return vec4(shown_light(light), 1.0);
#else
    return vec4(light, rest);
#endif
}
