<?php
// Loads one repository with Composer's own loader, and the registry's documents of it as a client does, and compares
// them version by version, field by field. Usage: php dump.php AUTOLOAD REPOSITORY DOCUMENTS; prints one JSON object.

use Composer\Config;
use Composer\IO\BufferIO;
use Composer\MetadataMinifier\MetadataMinifier;
use Composer\Package\AliasPackage;
use Composer\Package\Dumper\ArrayDumper;
use Composer\Package\Loader\ArrayLoader;
use Composer\Repository\VcsRepository;
use Composer\Util\HttpDownloader;
use Composer\Util\ProcessExecutor;
use Symfony\Component\Console\Output\OutputInterface;

require __DIR__.'/../tools/composer-bootstrap.php';
require $argv[1];
// Some old composer.json files name scripts that Composer reserves.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);

$config = new Config(false);
$home = getenv('COMPOSER_HOME');
$config->merge(['config' => ['home' => $home, 'cache-dir' => $home.'/cache']]);
$io = new BufferIO('', OutputInterface::VERBOSITY_VERY_VERBOSE);
$process = new ProcessExecutor($io);
$downloader = new HttpDownloader($io, $config);
$repository = new VcsRepository(['url' => $argv[2], 'type' => 'git'], $io, $config, $downloader, null, $process);

$theirs = [];
$twice = [];
try {
    foreach ($repository->getPackages() as $package) {
        if ($package instanceof AliasPackage) {
            continue;
        }
        $key = $package->getName().' '.$package->getVersion();
        // Two branches may map to one version: Composer keeps both, and uses the first.
        isset($theirs[$key]) ? $twice[] = $key : $theirs[$key] = $package;
    }
} catch (\Composer\Repository\InvalidRepositoryException) {
}

/** The package as a client writes it into a lock file. */
function asClient(array $record): array
{
    $package = (new ArrayLoader())->loadPackages([$record])[0];
    return (new ArrayDumper())->dump($package instanceof AliasPackage ? $package->getAliasOf() : $package);
}

$ours = [];
foreach (json_decode(file_get_contents($argv[3]), true, 512, JSON_THROW_ON_ERROR) as $document) {
    foreach ($document['packages'] as $versions) {
        foreach (MetadataMinifier::expand($versions) as $record) {
            $dump = asClient($record);
            $ours[$dump['name'].' '.$dump['version_normalized']] = $dump;
        }
    }
}

$compared = [];
foreach ($theirs as $key => $package) {
    $dump = asClient((new ArrayDumper())->dump($package));
    $dump['name'] = strtolower($dump['name']);
    $reference = $dump['source']['reference'];
    $excludes = $dump['archive']['exclude'] ?? [];
    if (!isset($ours[$key])) {
        $compared[] = ['key' => $key, 'version' => $dump['version'], 'only' => 'theirs', 'reference' => $reference];
        continue;
    }
    $mine = $ours[$key];
    unset($ours[$key]);
    $found = ['key' => $key, 'version' => $mine['version'], 'reference' => $reference, 'excludes' => $excludes];
    $found['dist'] = $mine['dist'] ?? null;
    $found['fields'] = [];
    // The download URL and the time of publication are set by the registry.
    unset($dump['source'], $dump['dist'], $mine['source'], $mine['dist'], $mine['notification-url'], $mine['published-time']);
    foreach ($dump + $mine as $field => $unused) {
        if (($dump[$field] ?? null) !== ($mine[$field] ?? null)) {
            $found['fields'][$field] = [json_encode($dump[$field] ?? null), json_encode($mine[$field] ?? null)];
        }
    }
    $found['compared'] = count($dump + $mine);
    $compared[] = $found;
}
foreach ($ours as $key => $dump) {
    $compared[] = ['key' => $key, 'version' => $dump['version'], 'only' => 'ours', 'reference' => $dump['dist']['reference'] ?? ''];
}
echo json_encode(['versions' => $compared, 'twice' => $twice, 'log' => $io->getOutput()], JSON_INVALID_UTF8_SUBSTITUTE);
