<?php
// Answers questions with the installed Composer's own classes: one JSON line in, one JSON line out.
// Usage: php oracle.php [autoload file of a newer Semver]

if (isset($argv[1])) {
    require $argv[1];
}
require '/usr/share/php/Composer/autoload.php';

use Composer\MetadataMinifier\MetadataMinifier;
use Composer\Package\Loader\ArrayLoader;
use Composer\Package\Loader\ValidatingArrayLoader;
use Composer\Semver\Constraint\Constraint;
use Composer\Semver\VersionParser;

// As Composer does: a warning of PHP stops the command.
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
            $loader->load($question['record']);
            return $loader->getErrors();
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
