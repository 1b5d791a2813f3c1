import SedgeCore
import Testing

@Suite struct MaintenanceWindowTests {
    @Test func coversItsSpanAndNoMore() throws {
        let window = try #require(MaintenanceWindow("Sat 01:00-06:00"))
        #expect(window.contains(weekday: 6, minute: 60))
        #expect(window.contains(weekday: 6, minute: 359))
        #expect(!window.contains(weekday: 6, minute: 360))
        #expect(!window.contains(weekday: 5, minute: 60))
    }

    @Test func runsPastMidnight() throws {
        let window = try #require(MaintenanceWindow("Fri-Sat 22:00-06:00"))
        #expect(window.contains(weekday: 6, minute: 23 * 60))
        #expect(window.contains(weekday: 0, minute: 300))
        #expect(!window.contains(weekday: 5, minute: 300))
    }

    @Test func aWholeDayIsAWindow() throws {
        let window = try #require(MaintenanceWindow("daily 00:00-24:00"))
        for minute in [0, 719, 1439] { #expect(window.contains(weekday: 3, minute: minute)) }
    }

    @Test(arguments: ["", "Sat", "Sat 6-7", "Xyz 00:00-01:00", "Sat 00:00-25:00", "Sat 24:00-25:00", "Sat 00:60-01:00"])
    func refusesWhatIsNoWindow(text: String) { #expect(MaintenanceWindow(text) == nil) }
}
