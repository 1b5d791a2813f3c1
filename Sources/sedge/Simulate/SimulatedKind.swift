import ArgumentParser

/// The sensors that can be simulated.
enum SimulatedKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case pump, wearable, room

    /// Samples a second where nothing else is asked for.
    var defaultRate: Double {
        switch self {
        case .pump: 10
        case .wearable: 20
        case .room: 1
        }
    }

    func stream(_ number: Int) -> String { "\(rawValue)-\(number)" }

    func topic(_ number: Int) -> String {
        switch self {
        case .pump: "plant/\(stream(number))/sensors"
        case .wearable: "body/\(stream(number))/sensors"
        case .room: "home/\(stream(number))/sensors"
        }
    }

    /// The signal of one stream; each has a seed of its own.
    func model(number: Int, seed: UInt64, wear: BearingWear?) -> any SignalModel {
        let seed = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number) &* 0xBF58_476D_1CE4_E5B9
        return switch self {
        case .pump: PumpModel(seed: seed, wear: wear)
        case .wearable: WearableModel(seed: seed)
        case .room: RoomModel(seed: seed)
        }
    }

    var channels: [String] {
        switch self {
        case .pump: PumpModel.channels
        case .wearable: WearableModel.channels
        case .room: RoomModel.channels
        }
    }
}
