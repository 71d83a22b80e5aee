// The glow of a lamp in the air.

in vec2 corner;
flat in vec3 light;

out vec4 color;

void main() {
    float fade = saturate(1.0 - dot(corner, corner));
    color = vec4(light * (0.55 * fade * fade * fade + 0.6 * pow(fade, 24.0)) * mix(0.22, 0.9, glow.x), 1.0);
}
