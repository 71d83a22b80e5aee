// What stands still, from a picture that was drawn of it before: colours and depths.

uniform sampler2D layer_color;
uniform highp sampler2D layer_depth;

out vec4 color;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    color = texelFetch(layer_color, at, 0);
    gl_FragDepth = texelFetch(layer_depth, at, 0).r;
}
