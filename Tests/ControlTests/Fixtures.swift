import Control
import SedgeCore

let gateway = try! NodeID("gw-7")
let plant = try! GroupID("plant")
let toGateway = EnvelopeScope.node(gateway)
let signer = SigningKey()
let stranger = SigningKey()
let settings = Array(#"{"adaptation":{"alarms_per_week":2}}"#.utf8)

/// A node that trusts `signer` and has seen nothing.
func circumstances(
    _ subject: ControlSubject = .configuration, _ scope: EnvelopeScope = toGateway,
    _ edit: (inout EnvelopeGate.Circumstances) -> Void = { _ in }
) -> EnvelopeGate.Circumstances {
    var here = EnvelopeGate.Circumstances(
        node: gateway, groups: [plant], keys: KeyRing(file: [signer.trusted]), subject: subject, scope: scope,
        highest: 0, now: Timestamp(milliseconds: 1_000_000), isClockSynced: true)
    edit(&here)
    return here
}

func configuration(
    _ version: Int64, scope: EnvelopeScope = toGateway, payload: [UInt8] = settings, key: SigningKey = signer,
    _ edit: (inout EnvelopeHeader) -> Void = { _ in }
) -> Envelope {
    key.sign(payload, kind: .configuration, scope: scope, version: version, edit)
}
