// A scene told piece by piece: whole, or not at all.
#include "Bench.h"

using namespace simbridge;
using namespace simbridge::tests;

namespace {

using Piece = std::function<void(bridge_v1_Build&)>;

/// What the proving ground is refused with when one of its pieces is another.
Failure Refused(const std::function<void(std::vector<Piece>&, Bench&)>& change) {
  Bench bench;
  bench.Begin();
  const std::vector<double> before = bench.PoseOf(bench.Advance(3), "walker-1");
  std::vector<Piece> pieces = bench.Pieces();
  change(pieces, bench);
  for (const Piece& piece : pieces) {
    const Answer answer = bench.Build(piece);
    if (!answer.failure) continue;
    // The world before goes on, and the rest of the pieces belong to nothing.
    CHECK(bench.Advance(1).report.state.moment.tick == 4);
    CHECK(bench.PoseOf(bench.Advance(1), "walker-1") == before);
    CHECK(bench.Build(pieces.back()).failure.kind == "Refused");
    return answer.failure;
  }
  return {};
}

Piece After(const Piece& first, const std::function<void(bridge_v1_Build&)>& then) {
  return [first, then](bridge_v1_Build& build) {
    first(build);
    then(build);
  };
}

}  // namespace

TEST_CASE("the whole is a world: its agents and cameras are reported") {
  Bench bench;
  bench.Open();
  const std::vector<Piece> pieces = bench.Pieces();
  for (size_t index = 0; index + 1 < pieces.size(); ++index) CHECK_FALSE(bench.Build(pieces[index]).report.has_scene);
  const Answer end = bench.Build(pieces.back());
  REQUIRE(end.report.has_scene);
  CHECK(TextOf(end.report.scene.scene_digest) == "abc");
  CHECK(end.report.scene.agents.count == 2);
  CHECK(TextOf(*end.report.scene.agents.first) == "walker-1");
  bridge_v1_Camera camera = {};
  REQUIRE(Decode(bench.read, BytesOf(*end.report.scene.cameras.first), bridge_v1_Camera_fields, &camera));
  CHECK(TextOf(camera.name) == "view");
  CHECK(camera.width_px == 32);
}

TEST_CASE("an unchanged proving ground is not refused") {
  CHECK_FALSE(Refused([](std::vector<Piece>&, Bench&) {}));
}

TEST_CASE("more than was promised is refused, and less at the end") {
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) { build.piece.begin.instances = 7; });
        }).message.find("More instances") != std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) { build.piece.begin.instances = 9; });
        }).message.find("8 of 9 instances") != std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) { pieces.erase(pieces.begin() + 1); }).message.find("rows") !=
        std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) { build.piece.begin.triangles = 11; });
        }).kind == "InvalidInput");
}

TEST_CASE("a scene over quota is refused before anything is kept for it") {
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) { build.piece.begin.instances = 4000000000u; });
        }).kind == "OverQuota");
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) {
            build.piece.begin.terrain_rows = build.piece.begin.terrain_columns = 4294967295u;
          });
        }).kind == "OverQuota");
}

TEST_CASE("what is named must have been told") {
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) { pieces.erase(pieces.begin() + 2); }).kind == "UnknownName");  // materials
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) { pieces.erase(pieces.begin() + 3); }).kind == "UnknownName");  // the mesh
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) { pieces.erase(pieces.begin() + 4); }).kind == "UnknownName");  // an asset
}

TEST_CASE("names and ids are given once") {
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) { pieces.insert(pieces.begin() + 5, pieces[4]); }).kind == "NameTaken");
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[0] = After(pieces[0], [](bridge_v1_Build& build) { build.piece.begin.instances = 9; });
          pieces.insert(pieces.begin() + 11, pieces[10]);
        }).kind == "NameTaken");
  CHECK(Refused([](std::vector<Piece>& pieces, Bench&) {
          pieces[11] = After(pieces[11], [](bridge_v1_Build& build) { build.piece.placements.first_id = 2; });
        }).message.find("id 2") != std::string::npos);
}

TEST_CASE("numbers that mean nothing are refused with their place") {
  CHECK(Refused([](std::vector<Piece>& pieces, Bench& bench) {
          pieces[1] = After(pieces[1], [&bench](bridge_v1_Build& build) {
            std::vector<float> heights(289, 1.0f);
            heights[5] = NAN;
            build.piece.heights.heights = bench.Tensor(heights, {17, 17});
          });
        }).message.find("heights[5] is nan") != std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench& bench) {
          pieces[3] = After(pieces[3], [&bench](bridge_v1_Build& build) {
            std::vector<int32_t> triangles(36, 0);
            triangles[7] = 8;
            build.piece.mesh.triangles = bench.Tensor(triangles, {12, 3});
          });
        }).message.find("index 8") != std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench& bench) {
          pieces[10] = After(pieces[10], [&bench](bridge_v1_Build& build) {
            build.piece.placements.poses = bench.Tensor(std::vector<double>{0, 0, 1, 0, 0, 0, 0}, {1, 7});
          });
        }).message.find("poses[0]") != std::string::npos);
  CHECK(Refused([](std::vector<Piece>& pieces, Bench& bench) {
          pieces[10] = After(pieces[10], [&bench](bridge_v1_Build& build) {
            build.piece.placements.scale = bench.Tensor(std::vector<double>{0, 1, 1}, {1, 3});
          });
        }).message.find("scale[0]") != std::string::npos);
}

TEST_CASE("a beginning amid a build begins anew") {
  Bench bench;
  bench.Open();
  const std::vector<Piece> pieces = bench.Pieces();
  for (int index = 0; index < 8; ++index) CHECK(!bench.Build(pieces[static_cast<size_t>(index)]).failure);
  for (const Piece& piece : pieces) CHECK(!bench.Build(piece).failure);
  CHECK(bench.Reset().report.has_state);
}
