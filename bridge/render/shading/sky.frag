// The sky behind everything: gradient, sun, moon, stars, clouds.

layout(location = 0) out vec4 color;

#ifdef FINE
float clouds_at(vec2 uv, float lod) {
    return 0.72 * cloud_at(uv, lod) + 0.28 * cloud_at(uv * 3.7 + 0.37, lod);
}

void main() {
    ivec2 pixel = shaded_pixel();
    vec3 d = normalize(direction_at(vec2(pixel) + 0.5));
    float up = saturate(d.z);
    vec2 level = normalize(d.xy + 1e-6), sunward = normalize(real_sun.xy + 1e-6);
    float side = pow(saturate(0.5 + 0.5 * dot(level, sunward)), 3.0);
    vec3 horizon = mix(horizon_away.rgb, horizon_sun.rgb, side);
    vec3 sky = mix(zenith.rgb, horizon, fifth(1.0 - up));
    float cosine = saturate(dot(d, real_sun.xyz));
    sky += glow_color.rgb * (0.28 * pow(cosine, 6.0) + 0.55 * pow(cosine, 48.0) + 0.6 * pow(cosine, 900.0));

    vec3 lights = (1.0 - sun.w) * sun_color.rgb * 14.0 * saturate((dot(d, real_sun.xyz) - 0.99990) * 30000.0) * (1.0 - real_sun.w);
#ifdef DARK
    float moon = saturate((dot(d, sun.xyz) - 0.99975) * 26000.0);
    float seas = cloud_at(d.xy * 9.0, 0.0);
    lights += sun.w * (vec3(1.15, 1.13, 1.05) * moon * (0.62 + 0.6 * seas) + vec3(0.10, 0.12, 0.17) * pow(saturate(dot(d, sun.xyz)), 420.0));
    vec3 grid = d * 190.0;
    ivec3 cell = ivec3(floor(grid));
    uint star = mixed(uint(cell.x) * 73856093u ^ uint(cell.y) * 19349663u ^ uint(cell.z) * 83492791u);
    vec3 spot = vec3(float(star & 255u), float((star >> 8) & 255u), float((star >> 16) & 255u)) / 255.0 * 0.6 + 0.2;
    float bright = float(star >> 24) / 255.0;
    float near_spot = saturate(1.0 - length(fract(grid) - spot) * 4.5);
    lights += horizon_away.w * step(0.93, bright) * near_spot * near_spot * vec3(0.9, 0.95, 1.1) * (bright - 0.9) * 9.0 * smoothstep(0.03, 0.3, up);
#endif

    vec2 uv = d.xy / (up + 0.16) * 0.11 + vec2(cloud_bright.w, cloud_dark.w) * forward.w * 4e-5;
    float lod = log2(1.0 + eye.w * 60.0 / (up + 0.10));
    float n = clouds_at(uv, lod);
    float ahead = clouds_at(uv + sun.xy * 0.018, lod);
    n += 0.10 * (cloud_at(uv * 13.0, lod + 1.0) - 0.5);
    float threshold = 0.76 - 0.58 * sun_color.w;
    float alpha = smoothstep(0.0, 0.30, n - threshold) * smoothstep(0.0, 0.16, up - 0.015);
    alpha += (1.0 - alpha) * real_sun.w * (0.9 + 0.1 * smoothstep(0.0, 0.2, up));
    float deck = 1.9 * (cloud_at(uv * 0.43 + 0.2, lod) - 0.5) + 0.25;
    float shade = saturate(0.55 + (n - ahead) * 2.6 - 0.9 * max(n - threshold - 0.15, 0.0) + real_sun.w * deck);
    vec3 lit = mix(cloud_dark.rgb, cloud_bright.rgb, shade) + glow_color.rgb * 0.5 * pow(cosine, 12.0) * (1.0 - alpha);
    alpha *= 0.96;
    sky = mix(sky + lights, lit, alpha);
    sky = mix(sky, fog.rgb, 1.0 - exp(-zenith.w / max(up, 0.01)));
    color = vec4(sky, 0.0);
}
#else
void main() {
    vec3 d = normalize(direction_at(gl_FragCoord.xy));
    vec3 disc = sun.w > 0.5 ? vec3(1.15, 1.13, 1.05) : sun_color.rgb * 14.0;
    disc *= saturate((dot(d, sun.xyz) - 0.99985) * 20000.0) * (1.0 - real_sun.w) * step(0.0, d.z);
    color = finished(textureLod(sky_map, sky_uv(d), 0.0).rgb + disc, 0.0);
}
#endif
