// A square around each lamp that faces the camera.

layout(location = 0) in vec2 in_corner;
layout(location = 1) in vec3 in_lamp;
layout(location = 2) in vec3 in_light;

out vec2 corner;
flat out vec3 light;

void main() {
    corner = in_corner;
    light = in_light;
    float size = 0.6 + 60.0 * min(haze_away.w, 0.03) + 0.5 * weather.x;
    vec3 side = normalize(right.xyz), top = normalize(up.xyz);
    vec3 toward = normalize(eye.xyz - in_lamp);
    vec3 p = in_lamp + toward * 0.4 + (side * in_corner.x + top * in_corner.y) * size;
    gl_Position = clip_from_world * vec4(p, 1.0);
}
