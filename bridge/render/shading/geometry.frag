// What a pixel sees: normal towards the camera, depth along the optical axis, id and material.

in vec3 normal;
flat in uint label;

layout(location = 0) out vec4 surface;
layout(location = 1) out uint seen;

void main() {
    vec3 n = normalize(normal);
    surface = vec4(gl_FrontFacing ? n : -n, 1.0 / gl_FragCoord.w);
    seen = label;
}
