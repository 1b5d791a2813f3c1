import Adaptation
import Preprocessing
import SedgeCore

extension StreamRuntime {
    /// Seconds between forecast insights at least; beside that, one in as many steps as the farthest horizon has.
    private static let forecastInterval = 60.0

    /// A forecast in the channels' own units.
    func forecast(_ levels: [Forecaster.Levels]) -> InsightForecast {
        var channels: [String: InsightForecast.Channel] = [:]
        for (index, name) in self.channels.enumerated() {
            let unit = preprocessor.unit(of: index)
            func measured(_ values: [Double]) -> [Double] { values.map { unit.level + unit.scale * $0 } }
            channels[name] = InsightForecast.Channel(
                p10: measured(levels[index].lower), p50: measured(levels[index].median),
                p90: measured(levels[index].upper))
        }
        return InsightForecast(horizons: forecaster?.horizonSeconds ?? [], channels: channels)
    }

    /// Whether a forecast insight is due at event time `time`; the next one then is not for a while.
    func takeForecastTurn(at time: Timestamp) -> Bool {
        // A clock that once stood in another century must not silence it until then.
        if let last = forecastTold, time >= last,
            Double(time - last) / 1e6 < max(Self.forecastInterval, forecaster?.horizonSeconds.last ?? 0)
        {
            return false
        }
        forecastTold = time
        return true
    }
}
