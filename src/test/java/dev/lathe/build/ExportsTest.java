package dev.lathe.build;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.lathe.Slow;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the module offers can be used: its signatures name exported types only, and the command line needs no others.
 */
class ExportsTest {
    private static final Path LIBRARY = Path.of("target/classes");

    private static Set<String> exportedPackages() throws Exception {
        try (InputStream module = Files.newInputStream(LIBRARY.resolve("module-info.class"))) {
            return ModuleDescriptor.read(module).exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isOffered(JavaClass type, Set<String> exported) {
        JavaClass base = type.getBaseComponentType();
        boolean visible = base.getEnclosingClass()
                .map(outer -> isOffered(outer, exported))
                .orElse(true);
        return !base.getPackageName().startsWith("dev.lathe")
                || exported.contains(base.getPackageName())
                        && base.getModifiers().contains(JavaModifier.PUBLIC)
                        && visible;
    }

    private static Stream<JavaClass> typesOf(JavaMember member) {
        return switch (member) {
            case JavaField field -> field.getType().getAllInvolvedRawTypes().stream();
            case JavaCodeUnit method ->
                Stream.of(
                                Stream.of(method.getReturnType()),
                                method.getParameterTypes().stream(),
                                method.getExceptionTypes().stream())
                        .flatMap(types -> types)
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream());
            default -> Stream.of();
        };
    }

    @Test
    void exportedSignaturesNameExportedTypesOnly() throws Exception {
        Set<String> exported = exportedPackages();
        Set<String> leaks = new TreeSet<>();
        int checked = 0;
        for (JavaClass type : LayersTest.LIBRARY) {
            if (!isOffered(type, exported)) {
                continue;
            }
            checked++;
            for (JavaMember member : type.getMembers()) {
                boolean offered = member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED);
                boolean synthetic = member.getModifiers().contains(JavaModifier.SYNTHETIC);
                if (offered && !synthetic) {
                    typesOf(member)
                            .filter(named -> !isOffered(named, exported))
                            .forEach(named -> leaks.add(member.getFullName() + " names " + named.getName()));
                }
            }
        }
        assertTrue(checked > 100, checked + " types");
        assertEquals(Set.of(), leaks);
    }

    @Test
    @Slow
    void theCommandLineNeedsNothingElse() throws Exception {
        Set<String> exported = exportedPackages();
        JavaClasses tools = new ClassFileImporter().importPaths(Path.of("target/tools"), Path.of("target/examples"));
        assertTrue(tools.contain("dev.lathe.tools.Lathe"), "no class files in target/tools");
        noClasses()
                .should()
                .dependOnClassesThat(describe(
                        "are not exported",
                        used -> used.getPackageName().startsWith("dev.lathe")
                                && !used.getPackageName().startsWith("dev.lathe.tools")
                                && !exported.contains(used.getPackageName())))
                .check(tools);
    }
}
