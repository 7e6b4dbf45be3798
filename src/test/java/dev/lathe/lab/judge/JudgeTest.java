package dev.lathe.lab.judge;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Slow
class JudgeTest {
    private static final JudgeLimits SHORT =
            JudgeLimits.DEFAULT.time(Duration.ofSeconds(20)).heapBytes(64L << 20);

    private static Judge judge;

    @BeforeAll
    static void start() {
        judge = new Judge(SHORT);
    }

    @AfterAll
    static void end() {
        judge.close();
    }

    private static Judgement run(String body) {
        return judge.judge(program(body), "P");
    }

    private static String program(String body) {
        return "import java.util.*; public class P { static int depth(int n) { return depth(n + 1) + 1; }"
                + " public static void main(String[] a) throws Throwable {" + body + "} }";
    }

    @Test
    void aProgramThatEndsPassesAndItsOutputIsKept() {
        Judgement judgement = run("System.out.print(\"three \" + 3); System.err.print('!');");

        assertEquals(Verdict.PASSED, judgement.verdict(), judgement.message());
        assertEquals("three 3!", judgement.output());
        assertTrue(judgement.passed());
    }

    @Test
    void whatOrdinaryProgramsUseIsAllowed() {
        Judgement judgement = run("""
                record Pair(int left, String right) {}
                enum Colour { RED, GREEN }
                Map<String, List<Integer>> map = new TreeMap<>();
                map.computeIfAbsent("a", k -> new ArrayList<>()).add(1);
                int sum = map.values().stream().flatMap(List::stream).mapToInt(Integer::intValue).sum();
                assert sum == 1 : "sum";
                Object o = new Pair(sum, "x");
                String s = switch (o) {
                    case Pair(int l, String r) when l > 5 -> "big"; case Pair p -> p.toString(); default -> ""; };
                for (Colour c : Colour.values()) { switch (c) { case RED -> s += 1; case GREEN -> s += 2; } }
                try { Integer.parseInt("no"); } catch (NumberFormatException e) { s += e.getClass().getSimpleName(); }
                System.out.printf("%s %.2f%n", s, Math.sqrt(2));
                Runnable r = new Runnable() { public void run() { System.out.print(o.hashCode() != 0); } };
                r.run();
                """);

        assertEquals(Verdict.PASSED, judgement.verdict(), judgement.message());
        assertEquals("Pair[left=1, right=x]12NumberFormatException 1.41\ntrue", judgement.output());
    }

    @Test
    void failedAssertionsAndExceptionsAreTold() {
        assertEquals(Verdict.THREW, run("assert 1 > 2;").verdict());
        Judgement thrown = run("throw new IllegalStateException(\"so\");");
        assertEquals(Verdict.THREW, thrown.verdict());
        assertEquals("java.lang.IllegalStateException: so", thrown.message());
        assertEquals(Verdict.THREW, run("System.out.println(depth(0));").verdict());
        assertEquals(
                Verdict.THREW,
                run("throw new RuntimeException() { public String getMessage() { throw new Error(); } };")
                        .verdict());
    }

    @Test
    void whatDoesNotCompileIsToldWithItsLine() {
        Judgement judgement = run("int x = \"text\";");

        assertEquals(Verdict.NOT_COMPILED, judgement.verdict());
        assertTrue(judgement.message().startsWith("line 1: incompatible types"), judgement.message());
        assertEquals(Verdict.NOT_COMPILED, judge.judge("", "P").verdict());
        assertEquals(Verdict.THREW, judge.judge("class Q {}", "P").verdict());
        assertEquals(
                Verdict.NOT_COMPILED,
                judge.judge("/*" + "x".repeat(SHORT.sourceChars()) + "*/", "P").verdict());
    }

    @Test
    void anExpressionTooDeepForTheCompilerIsAFailureOfItsOwn() {
        String deep = "int x = " + "(".repeat(9000) + "1" + ")".repeat(9000) + ";";

        assertEquals(Verdict.NOT_COMPILED, run(deep).verdict());
        assertEquals(Verdict.PASSED, run("").verdict());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "System.exit(0);",
                "Runtime.getRuntime().halt(0);",
                "Runtime.getRuntime().exec(new String[] {\"sh\"});",
                "new ProcessBuilder(\"sh\").start();",
                "while (true) new Thread(() -> { while (true); }).start();",
                "Thread.ofVirtual().start(() -> {});",
                "java.util.concurrent.Executors.newCachedThreadPool();",
                "java.util.concurrent.CompletableFuture.runAsync(() -> {});",
                "new Timer().schedule(null, 1);",
                "new java.io.FileWriter(\"f\");",
                "new java.io.File(\"f\").delete();",
                "new java.io.PrintStream(\"f\");",
                "new java.io.PrintWriter(\"f\") {};",
                "new java.util.Formatter(\"f\");",
                "new Scanner(new java.io.File(\"/etc/passwd\"));",
                "java.nio.file.Files.writeString(java.nio.file.Path.of(\"f\"), \"x\");",
                "new java.net.Socket(\"localhost\", 80);",
                "java.net.URI.create(\"http://localhost\").toURL().openStream();",
                "Class.forName(\"java.lang.Runtime\");",
                "P.class.getDeclaredMethods();",
                "P.class.getClassLoader();",
                "String.class.getResourceAsStream(\"/\");",
                "java.lang.invoke.MethodHandles.lookup();",
                "java.util.function.Supplier<Runtime> r = Runtime::getRuntime; r.get();",
                "System.setProperty(\"user.language\", \"x\");",
                "System.getenv();",
                "System.load(\"/x.so\");",
                "System.setOut(null);",
                "Locale.setDefault(Locale.FRANCE);",
                "ServiceLoader.load(Runnable.class);",
                "class L extends ClassLoader {} new L();",
                "System.getLogger(\"x\");",
                "System.LoggerFinder.getLoggerFinder();",
                "sun.misc.Unsafe.class.getName();",
                "jdk.internal.misc.Unsafe.getUnsafe();",
                "System.loadLibrary(\"c\");",
                "java.lang.foreign.Linker.nativeLinker();",
                "java.lang.foreign.Arena.ofAuto().allocate(1L << 40);",
                "java.nio.ByteBuffer.allocateDirect(1 << 30);",
                "new java.util.zip.Inflater();",
                "a.getClass().getMethods();",
                "java.lang.reflect.Array.newInstance(int.class, 1);",
                "java.lang.reflect.Proxy.newProxyInstance(null, null, null);",
                "java.util.function.Consumer<Integer> c = System::exit; c.accept(0);",
                "new Thread() { public void run() { while (true); } }.start();",
                "Thread.currentThread().setDaemon(false);",
                "new java.util.concurrent.ForkJoinPool(64);",
                "java.nio.channels.FileChannel.open(null);",
                "java.net.http.HttpClient.newHttpClient();",
                "new java.net.ServerSocket(0);",
                "new java.io.FileInputStream(java.io.FileDescriptor.in);",
                "new java.io.RandomAccessFile(\"f\", \"rw\");",
                "new java.io.ObjectInputStream(System.in).readObject();",
                "TimeZone.setDefault(null);",
                "ProcessHandle.current().destroyForcibly();",
                "ModuleLayer.boot();",
                "java.lang.ref.Cleaner.create();",
                "Runtime.getRuntime().addShutdownHook(null);",
                "javax.tools.ToolProvider.getSystemJavaCompiler();",
                "dev.lathe.lab.judge.Verdict.values();",
            })
    void reachingOutIsRefusedBeforeItRuns(String body) {
        Judgement judgement = run("System.out.print(\"ran\");" + body);

        assertTrue(
                judgement.verdict() == Verdict.REFUSED || judgement.verdict() == Verdict.NOT_COMPILED,
                judgement.toString());
        assertEquals("", judgement.output());
    }

    @Test
    void programsThatPoseAsTheClassLibraryDoNotRun() {
        for (String name : List.of("java.lang", "java.util", "sun.misc")) {
            String posing = "package " + name + "; public class P { public static void main(String[] a) {} }";
            assertEquals(Verdict.NOT_COMPILED, judge.judge(posing, name + ".P").verdict(), name);
        }
        String unsafe = "package jdk.internal.misc; class Unsafe { static Unsafe getUnsafe() { return null; } }"
                + " public class P { public static void main(String[] a) { Unsafe.getUnsafe(); } }";
        assertEquals(Verdict.REFUSED, judge.judge(unsafe, "jdk.internal.misc.P").verdict());
        Judgement nativeMethod = judge.judge("public class P { public static native void main(String[] a); }", "P");
        assertEquals(Verdict.THREW, nativeMethod.verdict(), nativeMethod.message());
    }

    @Test
    void endlessLoopsEndInTime() {
        try (Judge hasty = new Judge(SHORT.time(Duration.ofMillis(300)))) {
            for (String loop : List.of(
                    "while (true);",
                    "while (true) { try { Object o = new int[100]; } catch (Throwable t) {} }",
                    "try { while (true) { synchronized (a) { a.wait(); } } } finally { while (true); }",
                    "while (true) System.out.print('x');",
                    "\"a\".repeat(1000).matches(\"a*a*a*a*a*a*a*a*b\");",
                    "var began = new java.util.concurrent.atomic.AtomicBoolean();"
                            + " new java.util.concurrent.ConcurrentHashMap<>(Map.of(0, 0, 15, 0)).searchKeys(1, key -> {"
                            + " while (key == 15) began.set(true); while (!began.get()); return key; });",
                    "throw new Error() { public String getMessage() { while (true); } };")) {
                assertEquals(
                        Verdict.OUT_OF_TIME, hasty.judge(program(loop), "P").verdict(), loop);
            }
        }
        assertEquals(Verdict.PASSED, run("").verdict());
    }

    @Test
    void memoryBombsEndTheirProcessAlone() {
        for (String bomb : List.of(
                "List<long[]> l = new ArrayList<>(); while (true) l.add(new long[100_000]);",
                "StringBuilder b = new StringBuilder(\"x\"); while (true) b.append(b);",
                "while (true) try { long[] l = new long[Integer.MAX_VALUE]; } catch (Throwable t) {}",
                "throw new Error() { public String getMessage() { return \"x\".repeat(Integer.MAX_VALUE); } };",
                constantsThatDouble(40))) {
            assertEquals(Verdict.OUT_OF_MEMORY, run(bomb).verdict(), bomb);
            assertEquals(Verdict.PASSED, run("").verdict());
        }
    }

    /** The compiler folds them: a bomb that goes off before anything runs. */
    private static String constantsThatDouble(int times) {
        StringBuilder source = new StringBuilder("final String s0 = \"x\"; ");
        for (int i = 1; i <= times; i++) {
            source.append("final String s%d = s%d + s%d; ".formatted(i, i - 1, i - 1));
        }
        return source.toString();
    }

    @Test
    void chainsOfClassesAndDeepRecursionStayFailuresOfTheirOwn() {
        StringBuilder chain = new StringBuilder();
        for (int i = 0; i < 1500; i++) {
            chain.append("class C%d { static int x = C%d.x + 1; } ".formatted(i, i + 1));
        }
        String source = chain + "class C1500 { static int x = C1500.y(); static int y() { return y() + 1; } }"
                + " public class P { public static void main(String[] a) { System.out.print(C0.x); } }";
        assertEquals(Verdict.THREW, judge.judge(source, "P").verdict());
        assertEquals(Verdict.PASSED, run("").verdict());
    }

    @Test
    void messagesAreCutOffAsOutputIs() {
        Judgement judgement = run("throw new Error(\"x\".repeat(1_000_000));");

        assertEquals(Verdict.THREW, judgement.verdict());
        assertEquals(SHORT.outputBytes(), judgement.message().length());
    }

    @Test
    void outputIsCutOff() {
        Judgement judgement = run("for (int i = 0; i < 100_000; i++) System.out.print(\"0123456789\");");

        assertEquals(Verdict.PASSED, judgement.verdict(), judgement.message());
        assertEquals(SHORT.outputBytes(), judgement.output().length());
    }

    @Test
    void whatOneProgramLeavesTheNextDoesNotSee() {
        assertEquals(Verdict.PASSED, run("System.out.close(); HexFormat.of();").verdict());
        assertEquals("x", run("System.out.print('x');").output());
        assertEquals(Verdict.PASSED, run("System.in.close();").verdict());
        assertEquals("-1", run("System.out.print(System.in.read());").output());
    }

    @Test
    void theFolderIsEmptyAndGoesWithTheJudge() throws Exception {
        long folders = count();
        try (Judge other = new Judge(SHORT)) {
            assertTrue(other.judge(program(""), "P").passed());
            assertEquals(folders + 1, count());
        }
        assertEquals(folders, count());
    }

    private static long count() throws Exception {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("lathe-judge"))
                    .count();
        }
    }

    @Test
    void theProcessEndsWithItsJudgeAlsoInAnEndlessLoop() {
        List<Long> before = children();
        try (Judge hasty = new Judge(SHORT.time(Duration.ofMillis(1500)))) {
            assertEquals(
                    Verdict.OUT_OF_TIME,
                    hasty.judge(program("while (true);"), "P").verdict());
            assertTrue(hasty.judge(program(""), "P").passed());
        }
        assertEquals(before, children());
    }

    private static List<Long> children() {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .sorted()
                .collect(Collectors.toList());
    }

    @Test
    void theLauncherStartsTheProcess() {
        try (Judge broken = new Judge(SHORT.launcher("false"))) {
            IllegalStateException problem =
                    assertThrows(IllegalStateException.class, () -> broken.judge(program(""), "P"));
            assertTrue(problem.getMessage().contains("run it alone to see why: false "), problem.getMessage());
        }
        try (Judge wrapped = new Judge(SHORT.launcher("env"))) {
            assertTrue(wrapped.judge(program(""), "P").passed());
        }
    }

    @Test
    void wrongLimitsAndClosedJudgesAreTold() {
        Judge closed = new Judge(SHORT);
        closed.close();
        assertAll(
                () -> assertThrows(IllegalArgumentException.class, () -> SHORT.time(Duration.ZERO)),
                () -> assertThrows(IllegalArgumentException.class, () -> SHORT.heapBytes(1)),
                () -> assertThrows(IllegalStateException.class, () -> closed.judge("", "P")));
        assertFalse(new Judgement(Verdict.THREW, "", "", 0).passed());
    }
}
