<?php
// Evaluates inputs with the installed Composer's own classes: one JSON line in, one JSON line out.
// Usage: php oracle.php [autoload file of a newer Semver, or of a whole Composer]

if (isset($argv[1])) {
    require __DIR__.'/../tools/composer-bootstrap.php';
    require $argv[1];
}
if (!class_exists('Composer\Composer')) {
    require '/usr/share/php/Composer/autoload.php';
}

use Composer\Json\JsonFile;
use Composer\MetadataMinifier\MetadataMinifier;
use Composer\Package\Dumper\ArrayDumper;
use Composer\Package\Loader\ArrayLoader;
use Composer\Package\Loader\InvalidPackageException;
use Composer\Package\Loader\ValidatingArrayLoader;
use Composer\Semver\Constraint\Constraint;
use Composer\Semver\VersionParser;

// A PHP warning stops the command, as in Composer.
set_error_handler(static function (int $level, string $message): bool {
    if ($level & (E_DEPRECATED | E_USER_DEPRECATED)) {
        return true;
    }
    throw new ErrorException($message);
});

function bound($bound): array
{
    return [$bound->getVersion(), $bound->isInclusive()];
}

/**
 * Composer's dump of a composer.json, and a client's dump of our record of it, field by field. Either is an error text
 * when it cannot be loaded.
 */
function compareManifest(string $text, ?string $record): array
{
    try {
        $data = asRepository($text);
        // The steps from a repository to a document: loaded, dumped, and loaded again by a client.
        $theirs = $data === null ? null : dumped((new ArrayDumper())->dump((new ArrayLoader())->load($data)));
    } catch (\Throwable $error) {
        $theirs = get_class($error).': '.$error->getMessage();
    }
    if ($record === null) {
        return ['theirs' => $theirs === null ? 'nothing' : (is_string($theirs) ? $theirs : null)];
    }
    $ours = null;
    try {
        $ours = dumped(JsonFile::parseJson($record));
        json_encode($ours, JSON_THROW_ON_ERROR);
    } catch (\Throwable $error) {
        return ['theirs' => is_string($theirs) ? $theirs : null, 'ours' => get_class($error).': '.$error->getMessage()];
    }
    $differences = [];
    foreach (is_array($theirs) ? array_keys($theirs + $ours) : [] as $field) {
        if (($theirs[$field] ?? null) !== ($ours[$field] ?? null)) {
            $differences[$field] = var_export([$theirs[$field] ?? null, $ours[$field] ?? null], true);
        }
    }
    return ['theirs' => is_string($theirs) ? $theirs : null, 'ours' => null, 'differences' => $differences];
}

/** Whether PHP parses the text at all, and then our output to the same value. */
function sameJson(string $text, ?string $ours): string
{
    $value = json_decode($text, true);
    if (json_last_error() !== JSON_ERROR_NONE) {
        return 'refused';
    }
    return $ours !== null && serialize(json_decode($ours, true)) === serialize($value) ? 'same' : 'another value';
}

/** The package as VcsRepository reads it at the tag 1.0.0 of a repository whose default branch is named acme/blog. */
function asRepository(string $text): ?array
{
    $data = JsonFile::parseJson($text);
    if (!is_array($data) || $data === []) {
        return null;
    }
    $data['version'] = '1.0.0';
    $data['version_normalized'] = '1.0.0.0';
    $data['name'] = 'acme/blog';
    $data['time'] = '2024-01-02T03:04:05+00:00';
    $data['source'] = ['type' => 'git', 'url' => 'https://git.example/acme/blog.git', 'reference' => str_repeat('a', 40)];
    unset($data['dist'], $data['default-branch'], $data['published-time'], $data['notification-url']);
    unset($data['transport-options'], $data['installation-source']);
    return $data;
}

function dumped(array $data): array
{
    $dump = (new ArrayDumper())->dump((new ArrayLoader())->loadPackages([$data])[0]);
    if (isset($dump['keywords'])) {
        // Composer 2.2 keeps numbers unchanged.
        $dump['keywords'] = array_map('strval', $dump['keywords']);
    }
    return $dump;
}

function answer(array $question)
{
    $parser = new VersionParser();
    switch ($question['ask']) {
        case 'normalize':
            return $parser->normalize($question['text']);
        case 'normalizeBranch':
            return $parser->normalizeBranch($question['text']);
        case 'stability':
            return VersionParser::parseStability($question['text']);
        case 'compare':
            return version_compare($question['a'], $question['b']);
        case 'constraint':
            $constraint = $parser->parseConstraints($question['text']);
            return [
                'text' => (string) $constraint,
                'lower' => bound($constraint->getLowerBound()),
            ];
        case 'upperBound':
            return bound($parser->parseConstraints($question['text'])->getUpperBound());
        case 'matches':
            return $parser->parseConstraints($question['text'])->matches(new Constraint('==', $question['version']));
        case 'minify':
            return array_map(static function ($record) {
                return (object) $record;
            }, MetadataMinifier::minify($question['records']));
        case 'validate':
            $loader = new ValidatingArrayLoader(new ArrayLoader());
            try {
                $loader->load($question['record']);
            } catch (InvalidPackageException) {
            }
            return $loader->getErrors();
        case 'same-json':
            return sameJson($question['text'], $question['ours']);
        case 'compare-manifest':
            return compareManifest($question['text'], $question['record']);
        case 'load':
            return count((new ArrayLoader())->loadPackages($question['records']));
    }
    throw new LogicException('Unknown question');
}

while (($line = fgets(STDIN)) !== false) {
    try {
        $answer = ['answer' => answer(json_decode($line, true, 512, JSON_THROW_ON_ERROR))];
    } catch (\Throwable $error) {
        $answer = ['error' => get_class($error).': '.$error->getMessage()];
    }
    echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
