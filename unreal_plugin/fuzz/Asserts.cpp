// What the bench's checks come to in a fuzzer, which has no test cases: the end of the process.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

namespace {

doctest::Context& Checks() {
  static doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& assert) {
    if (assert.m_failed) std::abort();
  });
  return context;
}

[[maybe_unused]] const bool kAreSet = (Checks(), true);

}  // namespace
