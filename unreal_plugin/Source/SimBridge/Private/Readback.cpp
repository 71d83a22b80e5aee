// FRHIGPUTextureReadback, touched on the render thread alone.
#include "Readback.h"

#include "Engine/TextureRenderTarget2D.h"
#include "RenderingThread.h"
#include "RHICommandList.h"
#include "TextureResource.h"

#include <cstring>

namespace UE::SimBridge
{
void FReadback::Begin(UTextureRenderTarget2D& Target)
{
  Shared = MakeShared<FShared>();
  Shared->Width = Target.SizeX;
  Shared->Height = Target.SizeY;
  Shared->BytesPerPixel = static_cast<int32>(GPixelFormats[Target.GetFormat()].BlockBytes);
  FTextureRenderTargetResource* Resource = Target.GameThread_GetRenderTargetResource();
  ENQUEUE_RENDER_COMMAND(SimBridgeCopy)(
    [Kept = Shared, Resource](FRHICommandListImmediate& Commands)
    {
      const FTextureRHIRef Texture = Resource == nullptr ? FTextureRHIRef() : Resource->GetRenderTargetTexture();
      if (!Texture.IsValid())
      {
        Kept->State = EState::Failed;
        return;
      }
      Kept->OnCard = MakeUnique<FRHIGPUTextureReadback>(FName(TEXT("SimBridgePicture")));
      Commands.Transition(FRHITransitionInfo(Texture.GetReference(), ERHIAccess::Unknown, ERHIAccess::CopySrc));
      Kept->OnCard->EnqueueCopy(
        Commands, Texture.GetReference(), FIntVector::ZeroValue, 0, FIntVector(Kept->Width, Kept->Height, 1));
      Commands.Transition(FRHITransitionInfo(Texture.GetReference(), ERHIAccess::CopySrc, ERHIAccess::SRVMask));
    });
}

bool FReadback::Poll()
{
  if (!Shared.IsValid() || Shared->State.load() == EState::Failed)
  {
    return false;
  }
  if (Shared->State.load() == EState::Here)
  {
    return true;
  }
  if (!Shared->bIsAsked.exchange(true))
  {
    ENQUEUE_RENDER_COMMAND(SimBridgeFetch)(
      [Kept = Shared](FRHICommandListImmediate&)
      {
        if (Kept->OnCard.IsValid() && Kept->OnCard->IsReady())
        {
          Fetch(*Kept);
        }
        Kept->bIsAsked = false;
      });
  }
  return false;
}

void FReadback::Fetch(FShared& Of)
{
  int32 PixelsInARow = 0;
  const uint8* Rows = static_cast<const uint8*>(Of.OnCard->Lock(PixelsInARow));
  if (Rows == nullptr || PixelsInARow < Of.Width)
  {
    Of.State = EState::Failed;
  }
  else
  {
    const size_t Packed = static_cast<size_t>(Of.Width) * static_cast<size_t>(Of.BytesPerPixel);
    const size_t Pitch = static_cast<size_t>(PixelsInARow) * static_cast<size_t>(Of.BytesPerPixel);
    Of.Bytes.resize(Packed * static_cast<size_t>(Of.Height));
    for (size_t Row = 0; Row < static_cast<size_t>(Of.Height); ++Row)
    {
      std::memcpy(Of.Bytes.data() + Row * Packed, Rows + Row * Pitch, Packed);
    }
    Of.State = EState::Here;
  }
  if (Rows != nullptr)
  {
    Of.OnCard->Unlock();
  }
  // The staging memory goes back on the thread that it was made on.
  Of.OnCard.Reset();
}
}  // namespace UE::SimBridge
