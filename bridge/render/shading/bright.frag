// Takes what dazzles out of the picture, at a quarter of its size.

layout(location = 0) out vec4 color;

void main() {
    ivec2 first = ivec2(gl_FragCoord.xy) * GLARE_STEP;
    vec3 sum = vec3(0.0);
    for (int y = 0; y < GLARE_STEP; y += 2) {
        for (int x = 0; x < GLARE_STEP; x += 2) {
            vec3 light = min(texelFetch(color_map, first + ivec2(x, y), 0).rgb + 0.5 * texelFetch(glow_map, first + ivec2(x, y), 0).rgb, vec3(12.0));
            sum += light * smoothstep(0.8, 2.4, max(light.r, max(light.g, light.b)));
        }
    }
    color = vec4(sum * 4.0 / float(GLARE_STEP * GLARE_STEP), 1.0);
}
