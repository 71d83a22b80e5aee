// One picture on its way back from the graphics card: copied there, fetched when the card is done, never waited for.
#pragma once

#include "CoreMinimal.h"
#include "PixelFormat.h"
#include "RHIGPUReadback.h"

#include <atomic>
#include <vector>

class UTextureRenderTarget2D;

namespace UE::SimBridge
{
/// Belongs to the game thread; what it shares with the render thread it keeps alive until that is done with it.
class FReadback
{
public:
  /// Copies what the target shows after all that was told to the renderer so far.
  void Begin(UTextureRenderTarget2D& Target);

  /// Whether it is here; asks the render thread to look, at most once at a time.
  bool Poll();

  /// Whether it will never come: the target had no texture.
  bool HasFailed() const { return Shared.IsValid() && Shared->State.load() == EState::Failed; }

  /// Rows from the top without gaps, in the target's own format. Only after Poll said so.
  const std::vector<uint8>& Bytes() const { return Shared->Bytes; }
  int32 Width() const { return Shared->Width; }
  int32 Height() const { return Shared->Height; }

private:
  enum class EState : uint8
  {
    Copying,
    Here,
    Failed
  };

  struct FShared
  {
    TUniquePtr<FRHIGPUTextureReadback> OnCard;
    int32 Width = 0, Height = 0, BytesPerPixel = 0;
    std::vector<uint8> Bytes;
    std::atomic<EState> State{EState::Copying};
    std::atomic<bool> bIsAsked{false};
  };

  static void Fetch(FShared& Of);

  TSharedPtr<FShared> Shared;
};
}  // namespace UE::SimBridge
