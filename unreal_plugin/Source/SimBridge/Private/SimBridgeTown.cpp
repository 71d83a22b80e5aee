// A town's actor: its root, its twins for label images, its bodies.
#include "SimBridgeTown.h"

#include "Components/PrimitiveComponent.h"
#include "Components/SceneComponent.h"
#include "Engine/World.h"

ASimBridgeTown::ASimBridgeTown()
{
  PrimaryActorTick.bCanEverTick = false;
  USceneComponent* Root = CreateDefaultSubobject<USceneComponent>(TEXT("Root"));
  Root->SetMobility(EComponentMobility::Movable);
  SetRootComponent(Root);
}

void ASimBridgeTown::Adopt(AActor& Holder, USceneComponent& Component)
{
  Component.SetMobility(EComponentMobility::Movable);
  if (Holder.GetRootComponent() != nullptr && Holder.GetRootComponent() != &Component)
  {
    Component.SetupAttachment(Holder.GetRootComponent());
  }
  Holder.AddInstanceComponent(&Component);
  Component.RegisterComponent();
}

void ASimBridgeTown::MakeTwin(UPrimitiveComponent& Component)
{
  Component.SetCollisionEnabled(ECollisionEnabled::NoCollision);
  Component.SetGenerateOverlapEvents(false);
  Component.SetCanEverAffectNavigation(false);
  Component.CastShadow = false;
  Component.bAffectDynamicIndirectLighting = false;
  Component.bAffectDistanceFieldLighting = false;
  Component.bVisibleInReflectionCaptures = false;
  Component.bVisibleInRealTimeSkyCaptures = false;
  Component.bVisibleInRayTracing = false;
  Component.bVisibleInSceneCaptureOnly = true;
}

void ASimBridgeTown::AddTwin(UPrimitiveComponent& Twin)
{
  Twins.Add(&Twin);
  ++Changes;
}

void ASimBridgeTown::ForgetTwin(UPrimitiveComponent& Twin)
{
  Twins.Remove(&Twin);
  ++Changes;
}

void ASimBridgeTown::SetPresent(bool bIsPresent)
{
  SetActorHiddenInGame(!bIsPresent);
  SetActorEnableCollision(bIsPresent);
  for (AActor* Body : Bodies)
  {
    if (IsValid(Body))
    {
      Body->SetActorHiddenInGame(!bIsPresent);
      Body->SetActorEnableCollision(bIsPresent);
    }
  }
}

void ASimBridgeTown::Leave()
{
  for (AActor* Body : Bodies)
  {
    if (IsValid(Body))
    {
      Body->Destroy();
    }
  }
  Bodies.Empty();
  Twins.Empty();
  Kept.Empty();
  Destroy();
}
