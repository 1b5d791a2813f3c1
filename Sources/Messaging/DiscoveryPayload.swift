/// The JSON of Home Assistant's device discovery, under its abbreviated keys.
struct DiscoveryPayload: Encodable {
    struct Device: Encodable {
        let identifiers: [String]
        let name: String
        let manufacturer = "Sedge"
        let model = "Edge agent"
        let softwareVersion: String

        private enum CodingKeys: String, CodingKey {
            case identifiers = "ids"
            case name
            case manufacturer = "mf"
            case model = "mdl"
            case softwareVersion = "sw"
        }
    }

    struct Origin: Encodable {
        let name = "sedge"
        let softwareVersion: String

        private enum CodingKeys: String, CodingKey {
            case name
            case softwareVersion = "sw"
        }
    }

    /// `online` and `offline` are Home Assistant's defaults.
    struct Availability: Encodable {
        let topic: String

        private enum CodingKeys: String, CodingKey { case topic = "t" }
    }

    let device: Device
    let origin: Origin
    let availability: [Availability]
    let qos = 1
    let components: [String: DiscoveryComponent]

    private enum CodingKeys: String, CodingKey {
        case device = "dev"
        case origin = "o"
        case availability = "avty"
        case qos
        case components = "cmps"
    }
}

/// One entity; with its platform alone it removes the entity.
struct DiscoveryComponent: Encodable {
    let platform: String
    var uniqueID: String?
    var name: String?
    var stateTopic: String?
    var valueTemplate: String?
    var deviceClass: String?
    var stateClass: String?
    var unit: String?
    var category: String?
    var options: [String]?
    var precision: Int?
    var eventTypes: [String]?
    var commandTopic: String?
    var installPayload: String?
    var commandTemplate: String?

    init(platform: String) { self.platform = platform }

    private enum CodingKeys: String, CodingKey {
        case platform = "p"
        case uniqueID = "uniq_id"
        case name
        case stateTopic = "stat_t"
        case valueTemplate = "val_tpl"
        case deviceClass = "dev_cla"
        case stateClass = "stat_cla"
        case unit = "unit_of_meas"
        case category = "ent_cat"
        case options = "ops"
        case precision = "sug_dsp_prc"
        case eventTypes = "evt_typ"
        case commandTopic = "cmd_t"
        case installPayload = "pl_inst"
        case commandTemplate = "cmd_tpl"
    }
}
