// The sky behind everything: the picture of it, sun or moon, stars.

out vec4 color;

void main() {
    vec3 d = normalize(ray_at(gl_FragCoord.xy));
    vec3 sky = sharp_sky(d);
    vec3 disc = sun.w > 0.5 ? vec3(1.15, 1.13, 1.05) : sun_color.rgb * 14.0;
    sky += disc * saturate((dot(d, sun.xyz) - 0.99985) * 20000.0) * (1.0 - real_sun.w) * step(0.0, d.z);
    if (glow.x > 0.0) {
        vec3 grid = d * 190.0;
        ivec3 cell = ivec3(floor(grid));
        uint star = uint(cell.x) * 73856093u ^ uint(cell.y) * 19349663u ^ uint(cell.z) * 83492791u;
        float bright = hash1(star);
        vec3 spot = vec3(hash1(star + 1u), hash1(star + 2u), hash1(star + 3u)) * 0.6 + 0.2;
        float close = saturate(1.0 - length(fract(grid) - spot) * 4.5);
        sky += glow.x * (1.0 - real_sun.w) * step(0.93, bright) * close * close * vec3(0.9, 0.95, 1.1) * (bright - 0.9) * 9.0 * smoothstep(0.03, 0.3, d.z);
    }
    color = vec4(shown(sky), 1.0);
}
