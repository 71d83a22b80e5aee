// simbridge-fake-ue: the plug-in's core with a small kinematic world in Unreal's place, for tests and for trying things.
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include <unistd.h>

#include "FakeWorld.h"
#include "SimBridge/Conductor.h"
#include "Sockets.h"

namespace {

constexpr const char* kHelp =
    "simbridge-fake-ue: what simbridge's engine 'unreal' talks to, with a small world in Unreal's place.\n"
    "\n"
    "  simbridge-fake-ue --unix /tmp/fake-ue.sock\n"
    "  simbridge-fake-ue --port 50061 --token-file token.txt\n"
    "  simbridge-fake-ue --port 0 --no-token\n"
    "\n"
    "  --unix PATH        listen at a Unix socket, for this user alone\n"
    "  --host HOST        listen at this address (127.0.0.1)\n"
    "  --port PORT        listen at this port; 0 takes any that is free\n"
    "  --token-file FILE  64 hex digits: the secret of which both ends show a half\n"
    "  --no-token         let anybody on this computer in\n"
    "  --latency-ms MS    how late pictures come (0)\n"
    "  --pictures FOLDER  write colour pictures there as they are made, TICK-CAMERA.png\n"
    "  --real-time        ticks pass by the clock, asked for or not\n"
    "\n"
    "The address is printed as a line of JSON. SIGTERM and SIGINT end it.\n";

volatile std::sig_atomic_t g_ends = 0;
int g_waker = -1;

void OnSignal(int) {
  g_ends = 1;
  const char byte = 0;
  const ssize_t written = write(g_waker, &byte, 1);
  (void)written;  // a full pipe wakes as well
}

double Now_s() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Flags {
  std::string unix_path, host = "127.0.0.1", token_file, pictures;
  long port = -1, latency_ms = 0;
  bool has_no_token = false, is_real_time = false;
};

int Wrong(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 2;
}

bool ReadNumber(const char* text, long least, long most, long& number) {
  char* end = nullptr;
  number = std::strtol(text, &end, 10);
  return end != text && *end == '\0' && number >= least && number <= most;
}

/// 0 to go on, 2 for wrong usage, -1 after --help.
int ReadFlags(int count, char** words, Flags& flags) {
  for (int index = 1; index < count; ++index) {
    const std::string flag = words[index];
    if (flag == "--help" || flag == "-h") {
      std::fputs(kHelp, stdout);
      return -1;
    }
    if (flag == "--no-token") {
      flags.has_no_token = true;
      continue;
    }
    if (flag == "--real-time") {
      flags.is_real_time = true;
      continue;
    }
    const bool is_known = flag == "--unix" || flag == "--host" || flag == "--port" || flag == "--token-file" || flag == "--latency-ms" ||
                          flag == "--pictures";
    if (!is_known) return Wrong("There is no flag '" + flag + "'. See simbridge-fake-ue --help.");
    if (index + 1 == count) return Wrong(flag + " wants a value. See simbridge-fake-ue --help.");
    const char* value = words[++index];
    if (flag == "--unix") flags.unix_path = value;
    if (flag == "--host") flags.host = value;
    if (flag == "--token-file") flags.token_file = value;
    if (flag == "--pictures") flags.pictures = value;
    if (flag == "--port" && !ReadNumber(value, 0, 65535, flags.port)) return Wrong(std::string("--port is ") + value + "; expected 0 to 65535.");
    if (flag == "--latency-ms" && !ReadNumber(value, 0, 60000, flags.latency_ms)) {
      return Wrong(std::string("--latency-ms is ") + value + "; expected 0 to 60000.");
    }
  }
  if (flags.unix_path.empty() == (flags.port < 0)) return Wrong("Give either --unix PATH or --port PORT. See simbridge-fake-ue --help.");
  const bool is_local = flags.host == "127.0.0.1" || flags.host == "::1" || flags.host == "localhost";
  if (flags.unix_path.empty() && flags.token_file.empty() && !(flags.has_no_token && is_local)) {
    return Wrong("A port needs a secret: give --token-file FILE, or --no-token with a --host of this computer.");
  }
  return 0;
}

/// 32 bytes from 64 hex digits and nothing else but white space around them.
bool ReadSecret(const std::string& path, std::vector<uint8_t>& secret, std::string& why) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    why = "The token file '" + path + "' cannot be read: " + std::strerror(errno) + ".";
    return false;
  }
  char text[128] = {};
  const size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  std::string digits(text, size);
  while (!digits.empty() && std::strchr(" \r\n\t", digits.back()) != nullptr) digits.pop_back();
  bool is_hex = digits.size() == 64;
  for (size_t index = 0; is_hex && index < 64; index += 2) {
    char* end = nullptr;
    const std::string pair = digits.substr(index, 2);
    is_hex = std::isxdigit(static_cast<unsigned char>(pair[0])) != 0;
    secret.push_back(static_cast<uint8_t>(std::strtol(pair.c_str(), &end, 16)));
    is_hex = is_hex && *end == '\0';
  }
  if (!is_hex) why = "The token file '" + path + "' does not hold 64 hex digits. Make one: openssl rand -hex 32.";
  return is_hex;
}

std::string Escaped(const std::string& text) {
  std::string made;
  for (char letter : text) {
    if (letter == '"' || letter == '\\') made += '\\';
    made += letter;
  }
  return made;
}

}  // namespace

int main(int count, char** words) {
  using namespace simbridge;
  Flags flags;
  const int code = ReadFlags(count, words, flags);
  if (code != 0) return code < 0 ? 0 : code;
  ConductorSettings settings;
  std::string why, address;
  if (!flags.token_file.empty() && !ReadSecret(flags.token_file, settings.secret, why)) return Wrong(why);
  settings.pace = flags.is_real_time ? Pace::real_time : Pace::lockstep;

  fake::Sockets sockets;
  if (!sockets.MakeWaker()) return Wrong("No pipe can be made: too many files are open.");
  g_waker = sockets.waker();
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const bool listens = flags.unix_path.empty() ? sockets.ListenAt(flags.host, static_cast<int>(flags.port), address, why)
                                               : sockets.ListenAt(flags.unix_path, address, why);
  if (!listens) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 3;
  }
  std::printf("{\"address\": \"%s\"}\n", Escaped(address).c_str());
  std::fflush(stdout);

  fake::FakeSettings how;
  how.latency_s = static_cast<double>(flags.latency_ms) / 1000;
  how.pictures = flags.pictures;
  fake::FakeWorld world(how);
  Conductor conductor(world, sockets, settings);
  const double tick_s = world.Info().tick_s;
  double next_tick_s = Now_s();
  bool was_done = false;
  while (g_ends == 0) {
    const bool runs = conductor.WantsTick();
    int timeout_ms = conductor.IsBusy() ? 1 : 1000;
    if (runs && settings.pace == Pace::real_time) timeout_ms = 1;
    if (was_done || (runs && settings.pace == Pace::lockstep)) timeout_ms = 0;
    sockets.Wait(conductor, timeout_ms, Now_s());
    was_done = conductor.Pump(Now_s());
    while (g_ends == 0 && conductor.WantsTick()) {
      if (settings.pace == Pace::real_time) {
        const double now_s = Now_s();
        if (now_s < next_tick_s) break;
        next_tick_s = now_s - next_tick_s > 1 ? now_s + tick_s : next_tick_s + tick_s;
      }
      conductor.TickBegins();
      conductor.TickEnds();
      was_done = true;
    }
    if (conductor.IsBusy()) was_done = conductor.Pump(Now_s()) || was_done;
  }
  return 0;
}
