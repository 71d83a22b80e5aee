// From light to a picture: averages samples, adds glare and what is in the air, tone curve, sRGB.

layout(location = 0) out vec4 picture_rgb;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 light = texelFetch(color_map, pixel, 0).rgb;
#ifdef FINE
    vec4 air = air_at(gl_FragCoord.xy);
    vec3 sum = vec3(0.0), glare = textureLod(glare_map, gl_FragCoord.xy * picture.zw * 2.0, 0.0).rgb;
    vec3 glow = texelFetch(glow_map, pixel, 0).rgb;
    int listed = int(texelFetch(edge_index, pixel, 0).x);
    int samples = listed == 0 ? 1 : 4;
    for (int k = 0; k < samples; ++k) {
        int place = (listed - 1) * 4 + k;
        light = listed == 0 ? light : texelFetch(sample_map, ivec2(place & 4095, place >> 12), 0).rgb;
        sum += toned(through_air(mix(light + glow, glare, 0.10) + glare * 0.05, air.rgb, air.a));
    }
    vec3 shown = encoded(sum / float(samples)) + (hash2(pixel) - 0.5) / 255.0;
#else
    vec3 shown = shown_light(light);
#endif
    picture_rgb = vec4(shown, 1.0);
}
