package dev.lathe.lab.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
    private static Manifest manifest(double perplexity, double speed) {
        return new Manifest(
                "examples/run Perplexity --text FILE",
                Map.of("model", Hash.ofText("weights")),
                "abc123",
                Map.of("context", "512"),
                new Machine("some processor", 2, "Linux amd64", "25"),
                Map.of("perplexity", perplexity, "bytes", 1000.0),
                Map.of("tokensPerSecond", speed));
    }

    @Test
    void aManifestComesBackFromItsFile(@TempDir Path folder) throws IOException {
        Registry registry = new Registry(folder.resolve("runs"));
        assertEquals(List.of(), registry.all());
        Manifest first = manifest(1 / 3.0, 99.5);
        Path file = registry.add(first);
        Path second = registry.add(manifest(0.1 + 0.2, 5));

        assertNotEquals(file, second);
        assertEquals(first, Manifest.read(file));
        assertEquals(2, registry.runsLike(first).size());
        Files.writeString(file, "{}");
        IOException broken = assertThrows(IOException.class, registry::all);
        assertTrue(broken.getMessage().contains(file + " holds no manifest"), broken.getMessage());
    }

    @Test
    void aRepetitionAgreesToTheBitInQualityAndWithinNoiseInSpeed() {
        Manifest run = manifest(5.5, 100);
        assertEquals(
                List.of("perplexity", "bytes", "tokensPerSecond"), names(run.compare(manifest(5.5, 109), 0.1), true));
        assertEquals(List.of("perplexity"), names(run.compare(manifest(Math.nextUp(5.5), 100), 0.1), false));
        assertEquals(List.of("tokensPerSecond"), names(run.compare(manifest(5.5, 120), 0.1), false));
        assertThrows(IllegalArgumentException.class, () -> run.compare(run, 0));
        String table = Comparison.table(run.compare(manifest(5.5, 120), 0.1)).text();
        assertTrue(table.contains("20.0%  within 10%"), table);

        Manifest other = new Manifest("c", Map.of(), "", Map.of(), Machine.current(), Map.of(), Map.of());
        assertFalse(run.isRunLike(other));
        assertTrue(run.isRunLike(manifest(1, 1)));
        assertEquals(
                run.exact().keySet().size() + 1,
                names(run.compare(other, 0.1), false).size());
        assertEquals(run.key(), manifest(1, 1).key());
        assertNotEquals(run.key(), other.key());
    }

    private static List<String> names(List<Comparison> comparisons, boolean agree) {
        return comparisons.stream()
                .filter(each -> each.agrees() == agree)
                .map(Comparison::name)
                .sorted(Comparator.comparing("perplexity bytes tokensPerSecond"::indexOf))
                .toList();
    }

    @Test
    void speedsOfAnotherMachineAreNotHeldToATolerance() {
        Manifest run = manifest(5.5, 100);
        Machine faster = new Machine("another processor", 2, "Linux amd64", "25");
        Manifest elsewhere = new Manifest(
                run.command(),
                run.inputs(),
                run.code(),
                run.options(),
                faster,
                run.exact(),
                Map.of("tokensPerSecond", 900.0));
        assertEquals(List.of(), names(run.compare(elsewhere, 0.1), false));
    }

    @Test
    void runsOfEqualCostStandInOneTable(@TempDir Path folder) throws IOException {
        Registry registry = new Registry(folder);
        registry.add(manifest(5.5, 100));
        registry.add(manifest(6.5, 200));
        Manifest large = manifest(1, 1);
        registry.add(
                new Manifest("z", large.inputs(), "", Map.of(), large.machine(), Map.of("bytes", 9000.0), Map.of()));

        assertEquals(3, registry.all().size());
        List<Manifest> equal = registry.atEqualCost("bytes", 1010, 0.05);
        assertEquals(2, equal.size());
        assertEquals(
                List.of("", "5.500"),
                Registry.table(equal, "none", "perplexity").rows().getFirst().subList(3, 5));
    }

    @Test
    void aCardTellsFiguresAndHowToRepeatThem() {
        String card = manifest(5.5, 100).card("lathe-java");
        assertTrue(card.startsWith("# lathe-java\n\n| figure | value | repeats |\n"), card);
        assertTrue(card.contains("| perplexity | 5.500 | to the bit |"), card);
        assertTrue(card.contains("    examples/run Perplexity --text FILE\n"), card);
        assertTrue(card.contains("some processor, 2 processors, Linux amd64, Java 25, with code abc123"), card);
    }

    @Test
    void hashesAreThoseOfTheBytes(@TempDir Path folder) throws IOException {
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        Path file = Files.writeString(folder.resolve("f"), "abc");
        assertEquals(abc, Hash.ofText("abc"));
        assertEquals(abc, Hash.ofFile(file));
        assertThrows(IllegalArgumentException.class, () -> manifest(Double.NaN, 1));
        assertTrue(Machine.current().processors() >= 1);
    }
}
