// Spreads water that was shaded at half the picture's size over the pixels that see it.

layout(location = 0) out vec4 color;

void main() {
    vec4 light = textureLod(water_map, gl_FragCoord.xy * 0.5 / vec2(textureSize(water_map, 0)), 0.0);
    color = finished(light.rgb / max(light.a, 1e-3), 0.0);
}
