// Spreads glare along one direction.

uniform vec2 along;
layout(location = 0) out vec4 color;

void main() {
    vec2 texel = 1.0 / vec2(textureSize(color_map, 0));
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int k = -RADIUS; k <= RADIUS; ++k) {
        float w = exp(-2.5 * abs(float(k)) / float(RADIUS)) + 0.6 * exp(-40.0 * float(k * k) / float(RADIUS * RADIUS));
        sum += textureLod(color_map, (gl_FragCoord.xy + along * float(k)) * texel, 0.0).rgb * w;
        weights += w;
    }
    color = vec4(sum / weights, 1.0);
}
