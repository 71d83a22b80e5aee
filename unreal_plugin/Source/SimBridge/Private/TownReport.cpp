// What is told of bodies after a tick: where they are, how they go, what they touched, and the bytes of the state's hash.
#include "TownBodies.h"

#include "Components/StaticMeshComponent.h"

#include "SimBridge/Geometry.h"

#include "Frames.h"

#include <algorithm>

namespace UE::SimBridge
{
using simbridge::Role;

std::string FTownBodies::NameOf(const AActor* Actor, const UPrimitiveComponent* Part, int32 Item) const
{
  const auto Body = ByActor.find(Actor);
  if (Body != ByActor.end())
  {
    return Body->second->Name;
  }
  const auto Named = ByComponent.find(Part);
  return Named != ByComponent.end() ? Named->second : Instances.NameAt(Part, Item);
}

void FTownBodies::Bumped(AActor& One, AActor* Other, UPrimitiveComponent* OtherPart, int32 OtherItem, const FVector& Where,
  const FVector& Impulse)
{
  const auto Mine = ByActor.find(&One);
  const std::string Theirs = NameOf(Other, OtherPart, OtherItem);
  if (Mine == ByActor.end() || Theirs.empty() || Theirs == Mine->second->Name)
  {
    return;
  }
  const FBody& Body = *Mine->second;
  // Chaos tells an impulse [kg cm/s]; of a led body that was stopped it is what it would have taken to stop it.
  const double Speed = FMath::Sqrt(FMath::Square(Body.Course.forward_m_s) + FMath::Square(Body.Course.left_m_s));
  const double Told = Impulse.Size() / CentimetresPerMetre;
  const double Force = (Told > 0.0 ? Told : MassOf(Body) * Speed) / LastTick;
  std::pair<std::string, std::string> Pair(Body.Name, Theirs);
  if (Pair.second < Pair.first)
  {
    std::swap(Pair.first, Pair.second);
  }
  simbridge::ContactView& Contact = Touched[Pair];
  if (Contact.one.empty() || Force > Contact.force_n)
  {
    Contact.one = Pair.first;
    Contact.other = Pair.second;
    Contact.position_m = FromUnreal(Where);
    Contact.force_n = Force;
  }
}

void FTownBodies::ListNames()
{
  if (!bNamesAreOld)
  {
    return;
  }
  bNamesAreOld = false;
  ++NamesRevision;
  Rows.clear();
  Names.clear();
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (Body->bIsThere)
    {
      Rows.push_back(Body.get());
      Names.push_back(Body->Name);
    }
  }
}

void FTownBodies::TickEnds(double Tick)
{
  LastTick = Tick;
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (!Body->bIsThere)
    {
      continue;
    }
    Body->Before = Body->Now;
    Body->Now = Read(*Body);
    Body->Speed = (Body->Now.position - Body->Before.position) * (1.0 / Tick);
    // The rotation of a tick, as an axis and an angle.
    simbridge::Quat Turn = simbridge::Product(Body->Now.rotation, simbridge::Inverse(Body->Before.rotation));
    if (Turn.w < 0.0)
    {
      Turn = {-Turn.w, -Turn.x, -Turn.y, -Turn.z};
    }
    const double Sine = FMath::Sqrt(Turn.x * Turn.x + Turn.y * Turn.y + Turn.z * Turn.z);
    const double Rate = Sine > 1e-12 ? 2.0 * FMath::Atan2(Sine, Turn.w) / Sine / Tick : 0.0;
    Body->Spin = {Turn.x * Rate, Turn.y * Rate, Turn.z * Rate};
    if (Body->Role == Role::free && Body->Seen != nullptr && Body->Seen->IsSimulatingPhysics())
    {
      Body->Speed = FromUnreal(Body->Seen->GetPhysicsLinearVelocity());
      Body->Spin = SpinFromUnreal(Body->Seen->GetPhysicsAngularVelocityInRadians());
    }
  }
  Contacts.clear();
  for (auto& [Pair, Contact] : Touched)
  {
    Contacts.push_back(Contact);
  }
  std::stable_sort(Contacts.begin(), Contacts.end(),
    [](const simbridge::ContactView& A, const simbridge::ContactView& B) { return A.force_n > B.force_n; });
  Touched.clear();
}

void FTownBodies::Tell(simbridge::WorldView& View)
{
  ListNames();
  Poses.resize(7 * Rows.size());
  Velocities.resize(6 * Rows.size());
  for (size_t Row = 0; Row < Rows.size(); ++Row)
  {
    const FBody& Body = *Rows[Row];
    const simbridge::Pose& P = Body.Now;
    const double Seven[7] = {
      P.position.x, P.position.y, P.position.z, P.rotation.w, P.rotation.x, P.rotation.y, P.rotation.z};
    const double Six[6] = {Body.Speed.x, Body.Speed.y, Body.Speed.z, Body.Spin.x, Body.Spin.y, Body.Spin.z};
    std::copy(Seven, Seven + 7, Poses.begin() + static_cast<std::ptrdiff_t>(7 * Row));
    std::copy(Six, Six + 6, Velocities.begin() + static_cast<std::ptrdiff_t>(6 * Row));
  }
  View.names = Names;
  View.names_revision = NamesRevision;
  View.poses = Poses;
  View.velocities = Velocities;
  View.contacts = Contacts;
  View.agents = Doings.Agents();
}

void FTownBodies::Digest(std::string& Bytes) const
{
  const auto Append = [&Bytes](double Value) { Bytes.append(reinterpret_cast<const char*>(&Value), sizeof(Value)); };
  for (const std::unique_ptr<FBody>& Body : Bodies)
  {
    if (!Body->bIsThere)
    {
      continue;
    }
    Bytes += Body->Name;
    const simbridge::Pose& P = Body->Now;
    for (const double Value : {P.position.x, P.position.y, P.position.z, P.rotation.w, P.rotation.x, P.rotation.y,
           P.rotation.z, Body->Speed.x, Body->Speed.y, Body->Speed.z, Body->Spin.x, Body->Spin.y, Body->Spin.z,
           Body->Course.forward_m_s, Body->Course.left_m_s, Body->Course.yaw_rate_rad_s, Body->DoorAngle, Body->DoorTarget,
           Body->Order.numbers[0], Body->Order.numbers[1], Body->Order.numbers[2]})
    {
      Append(Value);
    }
  }
  Doings.Digest(Bytes);
}
}  // namespace UE::SimBridge
