// A square around each lamp that faces the camera.

in vec2 in_corner;
in vec4 in_lamp;     // place, reach of its glow [m]
in vec4 in_light;    // rgb, lumens

out vec2 corner;
flat out vec4 lamp;
flat out vec3 light;

void main() {
    corner = in_corner;
    lamp = in_lamp;
    light = in_light.rgb * in_light.a;
    vec3 toward = normalize(eye.xyz - in_lamp.xyz);
    vec3 side = normalize(cross(vec3(0.0, 0.0, 1.0), toward) + vec3(1e-5, 0.0, 0.0));
    vec3 p = in_lamp.xyz + (side * in_corner.x + cross(toward, side) * in_corner.y) * in_lamp.w;
    gl_Position = clip_from_world * vec4(p, 1.0);
}
