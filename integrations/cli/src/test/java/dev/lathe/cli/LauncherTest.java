package dev.lathe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What people start: the launcher script, with a jar that stands for the packaged one. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class LauncherTest {
    @TempDir
    private static Path folder;

    private static Path launcher;

    @BeforeAll
    static void install() throws IOException {
        launcher = folder.resolve("lathe home/lathe"); // a folder with a blank in its name
        Files.createDirectories(launcher.getParent());
        Files.copy(Path.of("src/main/launcher/lathe"), launcher);
        assertTrue(launcher.toFile().setExecutable(true));
        for (String options : List.of("jvm.options", "shaping.options")) {
            Files.copy(Path.of("../../examples", options), launcher.resolveSibling(options));
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream out = Files.newOutputStream(launcher.resolveSibling("lathe.jar"))) {
            new JarOutputStream(out, manifest).close();
        }
    }

    private static ProcessBuilder lathe(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(launcher.toString()), Stream.of(arguments))
                .toArray(String[]::new));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    @Test
    void theLauncherGivesJavaItsFlags() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), launcher);
        ProcessBuilder builder = lathe("--version");
        builder.command().set(0, link.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        assertTrue(said.startsWith("lathe ") && !said.contains("kernels scalar"), said);
    }

    @Test
    void repliesDoWithoutTheSecondCompilerWhereMachineCodeComputes() throws Exception {
        boolean machineCode = "Linux amd64".equals(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                && Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\bavx2\\b.*");
        String reply = machineCode ? "jvm.options -XX:TieredStopAtLevel=1" : "jvm.options";
        assertEquals(reply, optionsOf("run", "model"));
        assertEquals(reply, optionsOf("chat", "model"));
        assertEquals("jvm.options", optionsOf("run", "model", "--kernels", "vector"));
        assertEquals("jvm.options", optionsOf("bench", "model"));
        assertEquals("shaping.options", optionsOf("serve", "model"));
    }

    /** The file of flags and the compilers that a Java is started with, which here only says what it was given. */
    private static String optionsOf(String... arguments) throws Exception {
        Path home = Files.createDirectories(folder.resolve("tells/bin")).getParent();
        Path java = home.resolve("bin/java");
        Files.writeString(java, "#!/bin/sh\nfor given; do echo \"$given\"; done\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25\"\n");
        ProcessBuilder builder = lathe(arguments);
        builder.environment().put("JAVA_HOME", home.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return said.lines()
                .filter(given -> given.startsWith("@") || given.contains("Tiered"))
                .map(given -> given.startsWith("@")
                        ? Path.of(given.substring(1)).getFileName().toString()
                        : given)
                .collect(Collectors.joining(" "));
    }

    @Test
    void anOlderJavaIsRefusedInOneSentence() throws Exception {
        Path home = Files.createDirectories(folder.resolve("old/bin")).getParent();
        Path java = home.resolve("bin/java");
        Files.writeString(java, "#!/bin/sh\n[ $* = -version ] && echo 'openjdk version \"17.0.9\"' >&2\nexit 1\n");
        assertTrue(java.toFile().setExecutable(true));
        assertEquals(refusal(java + " is Java 17.0.9"), failure(home)); // which it is asked for
        Files.writeString(
                home.resolve("release"), "IMPLEMENTOR=\"A\"\nJAVA_VERSION=\"1.8.0_392\"\nOS_NAME=\"Linux\"\n");
        assertEquals(refusal(java + " is Java 1.8.0_392"), failure(home)); // which the installation says
        Files.delete(java);
        assertEquals(refusal("there is no " + java), failure(home));
    }

    private static String refusal(String found) {
        return "lathe needs Java 25 or newer, and " + found
                + "; install one and set JAVA_HOME to its folder, or put it first on the path\n";
    }

    private static String failure(Path javaHome) throws Exception {
        ProcessBuilder builder = lathe("--version");
        builder.environment().put("JAVA_HOME", javaHome.toString());
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor());
        return said;
    }

    @Test
    void eachCommandHasAnArchiveOfItsClasses() throws Exception {
        for (String command : List.of("list", "completion")) {
            Process process = lathe(command).start();
            process.getInputStream().readAllBytes();
            assertEquals(0, process.waitFor());
            assertTrue(Files.size(folder.resolve("cache/lathe/" + command + ".jsa")) > 0);
        }
    }

    @Test
    void aServerThatIsToldToEndLetsAnswersEnd() throws Exception {
        Process process = lathe("serve", CliRun.MODEL, "--port", "0", "--name", "served", "--stop-time", "30")
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        assertTrue(line.startsWith("served at http://127.0.0.1:"), line);
        URI uri = URI.create(line.replaceFirst("served at (\\S+),.*", "$1/v1/completions"));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"prompt\": \"int\", \"max_tokens\": 300, \"stream\": true, \"temperature\": 0}"))
                    .build();
            HttpResponse<Stream<String>> reply = client.send(request, HttpResponse.BodyHandlers.ofLines());
            process.destroy(); // SIGTERM, as the answer begins
            List<String> events =
                    reply.body().filter(event -> event.startsWith("data: ")).toList();
            assertEquals("data: [DONE]", events.getLast());
            JsonObject last =
                    (JsonObject) JsonValue.parse(events.get(events.size() - 2).substring("data: ".length()));
            JsonObject choice = (JsonObject) last.array("choices").elements().getFirst();
            assertTrue(List.of("stop", "length").contains(choice.text("finish_reason")), events.toString());
        }
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(128 + 15, process.exitValue());
    }
}
