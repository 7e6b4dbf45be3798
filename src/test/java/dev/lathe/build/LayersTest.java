package dev.lathe.build;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

/** The arrows of ARCHITECTURE.md, and what the library keeps its hands off. */
class LayersTest {
    private static final String KERNEL = "dev.lathe.tensor.kernel";
    private static final String DECODE = "dev.lathe.decode";
    private static final String FACTORIES = DECODE + ".Decoding";
    private static final String FIGURES = "dev.lathe.figures";
    private static final String[] STRATEGIES = {DECODE + ".speculative", DECODE + ".exit"};
    static final JavaClasses LIBRARY = new ClassFileImporter().importPath(Path.of("target/classes"));

    @Test
    void theImporterReadsTheLibrary() {
        assertTrue(LIBRARY.contain("dev.lathe.tensor.kernel.vector.VectorKernels"), "no class files in target/classes");
    }

    @Test
    void kernelsKnowOnlyTheMemoryOfWeights() {
        mayImport(KERNEL, KERNEL, "dev.lathe.tensor", "dev.lathe.tensor.store");
    }

    @Test
    void setsOfKernelsKnowTheirInterfacesAndThePlainReference() {
        mayImport(KERNEL + ".scalar", KERNEL + ".scalar", KERNEL);
        mayImport(KERNEL + ".vector", KERNEL + ".vector", KERNEL + ".scalar", KERNEL);
        mayImport(KERNEL + ".machine", KERNEL + ".machine", KERNEL + ".scalar", KERNEL, "dev.lathe.figures");
    }

    @Test
    void onlyTheirChoiceKnowsEverySetOfKernels() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        KERNEL + ".choice", KERNEL + ".scalar", KERNEL + ".vector", KERNEL + ".machine")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(KERNEL + ".scalar", KERNEL + ".vector", KERNEL + ".machine"));
    }

    @Test
    void tensorsKnowOnlyKernelsAndTheClock() {
        mayImport("dev.lathe.tensor..", "dev.lathe.tensor..", "dev.lathe.figures");
        mayImport("dev.lathe.tensor", "dev.lathe.tensor", "dev.lathe.tensor.store", KERNEL, KERNEL + ".choice");
    }

    @Test
    void codecsKnowOnlyThePlainTypesOfTensor() {
        mayImport(
                "dev.lathe.tensor.codec..", "dev.lathe.tensor.codec..", "dev.lathe.tensor.kernel", "dev.lathe.tensor");
    }

    @Test
    void accessToFilesKnowsNoFormat() {
        mayImport("dev.lathe.file..", "dev.lathe.file..");
    }

    @Test
    void jsonKnowsOnlyAccessToFiles() {
        mayImport("dev.lathe.text.split..", "dev.lathe.text.split..");
        mayImport("dev.lathe.text.json..", "dev.lathe.text.json..", "dev.lathe.file..");
    }

    @Test
    void filesKnowOnlyTensors() {
        mayImport("dev.lathe.gguf..", "dev.lathe.gguf..", "dev.lathe.file..", "dev.lathe.tensor..");
    }

    @Test
    void safetensorsKnowOnlyJson() {
        mayImport("dev.lathe.safetensors..", "dev.lathe.safetensors..", "dev.lathe.text.json..", "dev.lathe.file..");
    }

    @Test
    void foldersKnowOnlyFileFormats() {
        mayImport(
                "dev.lathe.huggingface..",
                "dev.lathe.huggingface..",
                "dev.lathe.safetensors..",
                "dev.lathe.text.json..",
                "dev.lathe.gguf..",
                "dev.lathe.file..",
                "dev.lathe.tensor");
        mayImport("dev.lathe.huggingface.tokenizer", "dev.lathe.huggingface.tokenizer", "dev.lathe.text.json");
    }

    @Test
    void packedFilesKnowNoModel() {
        mayImport(
                "dev.lathe.packed..",
                "dev.lathe.packed..",
                FIGURES,
                "dev.lathe.gguf..",
                "dev.lathe.file..",
                "dev.lathe.tensor",
                "dev.lathe.tensor.store",
                "dev.lathe.tensor.pack");
    }

    @Test
    void chatsKnowOnlyTextAndConstraints() {
        mayImport("dev.lathe.chat..", "dev.lathe.chat..", "dev.lathe.text..", "dev.lathe.decode.constraint..");
    }

    @Test
    void textKnowsOnlyFiles() {
        mayImport(
                "dev.lathe.text..",
                "dev.lathe.text..",
                "dev.lathe.huggingface.tokenizer",
                "dev.lathe.gguf..",
                "dev.lathe.file..",
                "dev.lathe.tensor");
    }

    @Test
    void modelsKnowNothingOfTextOrDecoding() {
        mayImport("dev.lathe.model..", "dev.lathe.model..", "dev.lathe.gguf..", "dev.lathe.tensor..", FIGURES);
    }

    @Test
    void whatAModelIsKnowsNothingOfHowItComputes() {
        String model = "dev.lathe.model";
        mayImport(model, model, model + ".config", "dev.lathe.tensor");
        mayImport(model + ".cache", model + ".cache", model, model + ".config", "dev.lathe.tensor..");
        mayImport(model + ".load", model + ".load", model, model + ".config", "dev.lathe.gguf", "dev.lathe.tensor..");
    }

    @Test
    void familiesDescribeAndComputeNothing() {
        mayImport(
                "dev.lathe.model.family..", "dev.lathe.model.family..", "dev.lathe.model.config..", "dev.lathe.gguf..");
        mayImport("dev.lathe.model.config..", "dev.lathe.model.config..", "dev.lathe.gguf..");
    }

    @Test
    void measuresWorkOnTheModelInterface() {
        mayImport("dev.lathe.measure..", "dev.lathe.measure..", "dev.lathe.model..", "dev.lathe.tensor");
    }

    @Test
    void decodingDoesNotSeeCompression() {
        mayImport("dev.lathe.decode.constraint..", "dev.lathe.decode.constraint..", "dev.lathe.text.json");
        mayImport(
                DECODE,
                DECODE + "..",
                FIGURES,
                "dev.lathe.model..",
                "dev.lathe.measure..",
                "dev.lathe.tensor",
                "dev.lathe.tensor.store");
        mayImport(DECODE + ".sampling", DECODE + ".sampling", "dev.lathe.tensor");
        mayImport(DECODE + ".guard", DECODE + ".guard", DECODE + ".sampling", "dev.lathe.tensor");
        for (String room : STRATEGIES) {
            mayImport(room, room, DECODE, DECODE + ".sampling", "dev.lathe.model..", "dev.lathe.tensor");
        }
    }

    @Test
    void onlyItsFactoriesKnowWhatStrategiesThereAre() {
        check(noClasses()
                .that()
                .resideInAPackage(DECODE)
                .and()
                .doNotHaveFullyQualifiedName(FACTORIES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(STRATEGIES));
    }

    @Test
    void servingKnowsNothingOfTokenizers() {
        mayImport(
                "dev.lathe.serve..",
                "dev.lathe.serve..",
                FIGURES,
                "dev.lathe.decode..",
                "dev.lathe.measure",
                "dev.lathe.model..",
                "dev.lathe.tensor");
    }

    @Test
    void searchingIsDoneByAnEngine() {
        mayImport(
                "dev.lathe.search",
                "dev.lathe.search",
                FIGURES,
                "dev.lathe",
                "dev.lathe.decode",
                "dev.lathe.model",
                "dev.lathe.tensor",
                "dev.lathe.text");
    }

    @Test
    void routingKnowsNeitherSessionsNorTokenizers() {
        mayImport("dev.lathe.route..", "dev.lathe.route..", DECODE, "dev.lathe.measure", "dev.lathe.tensor");
    }

    @Test
    void plannersKnowOnlyChatsAndConstraints() {
        mayImport(
                "dev.lathe.plan..",
                "dev.lathe.plan..",
                "dev.lathe.chat",
                "dev.lathe.text",
                "dev.lathe.text.json",
                "dev.lathe.decode.constraint");
    }

    @Test
    void retrievalSeesModelsOnly() {
        mayImport(
                "dev.lathe.retrieval..",
                "dev.lathe.retrieval..",
                "dev.lathe.model",
                "dev.lathe.text",
                "dev.lathe.tensor",
                "dev.lathe.tensor.codec",
                "dev.lathe.tensor.pack",
                "dev.lathe.tensor.store");
    }

    @Test
    void compressionDoesNotSeeDecoding() {
        mayImport(
                "dev.lathe.compress..",
                "dev.lathe.compress..",
                FIGURES,
                "dev.lathe.model..",
                "dev.lathe.text..",
                "dev.lathe.measure..",
                "dev.lathe.file..",
                "dev.lathe.gguf..",
                "dev.lathe.tensor..",
                "org.apache.commons.math3..");
    }

    @Test
    void nothingImportsTheLab() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.lathe.lab..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.lathe.lab.."));
    }

    @Test
    void figuresKnowNothingAndAllClocksAreTheirs() {
        mayImport(FIGURES, FIGURES, "org.apache.commons.math3..");
        check(noClasses()
                .that()
                .resideOutsideOfPackage(FIGURES)
                .should()
                .accessTargetWhere(describe(
                        "reads the machine's clock of nanoseconds",
                        access -> access.getName().equals("nanoTime")
                                && access.getTargetOwner().isEquivalentTo(System.class))));
    }

    @Test
    void judgesOfProgramsKnowNothingOfModels() {
        mayImport("dev.lathe.lab.judge..", "dev.lathe.lab.judge..", FIGURES, "javax.tools..");
    }

    /**
     * Every package by itself; a package and the one below it may not know each other either, but where it says why.
     */
    @Test
    void packagesHaveNoCycles() {
        check(slices().assignedFrom(new EachPackage())
                .should()
                .beFreeOfCycles()
                .ignoreDependency(inPackage(KERNEL), inPackage("dev.lathe.tensor")) // a set is a KernelSet
                .ignoreDependency(named(FACTORIES), inPackages(STRATEGIES)) // what implements it, by name
                .ignoreDependency(inPackage("dev.lathe.text.template"), inPackage("dev.lathe.text"))); // its exception
    }

    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    private static DescribedPredicate<JavaClass> inPackage(String name) {
        return inPackages(name);
    }

    private static DescribedPredicate<JavaClass> inPackages(String... names) {
        return describe("in " + List.of(names), type -> List.of(names).contains(type.getPackageName()));
    }

    private static DescribedPredicate<JavaClass> named(String name) {
        return describe(name, type -> type.getFullName().equals(name));
    }

    /** What is shared knows no command, and commands of one room none of another. */
    @Test
    void roomsOfTheCommandLineKnowOnlyWhatTheyShare() {
        JavaClasses tools = new ClassFileImporter().importPath(Path.of("target/tools"));
        slices().matching("dev.lathe.tools.(*)")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(alwaysTrue(), inPackage("dev.lathe.tools.command"))
                .check(tools);
    }

    @Test
    void onlyKernelsImportTheVectorApi() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(KERNEL + ".vector")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.incubator.."));
    }

    @Test
    void onlyEventsKnowFlightRecordings() {
        check(noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Event")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.jfr.."));
    }

    @Test
    void onlyTensorsAndModelsUseKernels() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("dev.lathe.tensor..", "dev.lathe.model..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.lathe.tensor.kernel.."));
    }

    @Test
    void theLibraryPrintsNothing() {
        check(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS);
    }

    @Test
    void workRunsOnThreadsThatThePassedWorkersOwn() {
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.lathe.lab.judge.JudgeProcess") // waits for what programs left there
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ForkJoinPool.class));
        check(noClasses()
                .should()
                .callMethodWhere(describe(
                        "makes a stream parallel",
                        call -> call.getName().startsWith("parallel")
                                && call.getTargetOwner().getPackageName().startsWith("java.util"))));
    }

    @Test
    void nothingHidesInThreadsOrStatics() {
        check(noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class));
        check(fields().that().areStatic().should().beFinal());
    }

    private static void mayImport(String layer, String... others) {
        String[] allowed = new String[others.length + 3];
        System.arraycopy(others, 0, allowed, 3, others.length);
        allowed[0] = "java..";
        allowed[1] = "jdk.incubator..";
        allowed[2] = "jdk.jfr..";
        check(classes()
                .that()
                .resideInAPackage(layer)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(LIBRARY);
    }
}
