// Sorts fours of pixels by whether any of them sees water, as a depth: 0.75 where one does.

void main() {
    ivec2 pixel = water_among(ivec2(gl_FragCoord.xy) * 2);
    gl_FragDepth = kind_of(label_at(pixel)) == 4 ? 0.75 : 0.25;
}
