// From light to a picture: averages samples, adds glare, rain or snow in the air, tone curve, sRGB.

layout(location = 0) out vec4 picture_rgb;

vec3 toned(vec3 x) {
    x *= EXPOSURE;
    return clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
}

float streaks(vec2 at, float cells, float length_m, uint salt) {
    vec2 q = vec2(at.x * cells, at.y * cells * length_m);
    float column = floor(q.x);
    q.y += hash1(uint(int(column) + 5000) * 2654435761u + salt) * 57.0 + forward.w * cells * 2.6;
    ivec2 cell = ivec2(int(column), int(floor(q.y)));
    float drop = hash2(cell + ivec2(int(salt), 17));
    float x = abs(fract(q.x) - 0.2 - 0.6 * hash2(cell + ivec2(3, int(salt))));
    float y = fract(q.y);
    return step(0.62, drop) * saturate(1.0 - x * 14.0) * smoothstep(0.0, 0.5, y) * smoothstep(1.0, 0.75, y);
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 sum = vec3(0.0);
#ifdef GLARE
    vec3 glare = textureLod(glare_map, gl_FragCoord.xy * picture.zw * float(SAMPLES), 0.0).rgb;
#else
    vec3 glare = vec3(0.0);
#endif
    vec3 air = vec3(0.0);
    float veil = 0.0;
    vec2 ndc = (gl_FragCoord.xy * float(SAMPLES) * picture.zw * 2.0 - 1.0) * vec2(right.w, down.w);
#ifdef RAINY
    vec2 at = ndc;
    at.x += at.y * (0.06 + 0.012 * dot(vec2(cloud_bright.w, cloud_dark.w), right.xy));
    float fall = streaks(at, 34.0, 0.16, 1u) * 0.9 + streaks(at * 1.1 + 0.37, 62.0, 0.15, 2u) * 0.7 + streaks(at + 0.71, 110.0, 0.14, 3u) * 0.5;
    veil = 0.17 * fall * saturate(weather.x * 1.3);
    air = ambient[0].rgb * 1.5 + 0.02;
#endif
#ifdef SNOWING
    float flakes = 0.0;
    for (int k = 0; k < 4; ++k) {
        float cells = 13.0 * pow(1.75, float(k));
        vec2 q = ndc * cells + vec2(float(k) * 7.3 + 0.4 * sin(ndc.y * 5.0 + float(k)), -forward.w * cells * 0.35);
        ivec2 cell = ivec2(floor(q));
        vec2 spot = vec2(hash2(cell + ivec2(k, 1)), hash2(cell + ivec2(k, 91))) * 0.6 + 0.2;
        float size = mix(0.05, 0.15, hash2(cell + ivec2(k * 5, 7)));
        flakes += step(0.45, hash2(cell + ivec2(31, k))) * smoothstep(size, size * 0.3, length(fract(q) - spot)) * (0.85 - 0.12 * float(k));
    }
    veil = saturate(flakes * 0.75 * saturate(weather.y * 1.4));
    air = ambient[0].rgb * 1.7 + 0.04;
#endif
    for (int y = 0; y < SAMPLES; ++y) {
        for (int x = 0; x < SAMPLES; ++x) {
            vec3 light = texelFetch(color_map, pixel * SAMPLES + ivec2(x, y), 0).rgb;
#ifdef GLARE
            light = mix(light, glare, 0.10) + glare * 0.05;
#endif
            light = mix(light, max(air, light * 1.12), veil);
            sum += toned(light);
        }
    }
    vec3 shown = sum / float(SAMPLES * SAMPLES);
    shown = mix(shown * 12.92, 1.055 * pow(max(shown, 0.0031308), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, shown));
    float grain = hash2(pixel) - 0.5;
    picture_rgb = vec4(shown + grain / 255.0, 1.0);
}
